import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../../../support/eventually.ts";

const installed = [
  ...["mariadb-server", "rabbitmq-server", "uwsgi-core", "uwsgi-plugin-python3", "python3-pymysql"],
  ...["python3-keystone", "python3-placement", "python3-glance", "python3-neutron", "python3-nova", "python3-heat"],
  ...["python3-magnum", "python3-cinder"],
  ...["python3-openstackclient", "python3-heatclient", "python3-magnumclient"],
];

/** Only their api-paste.ini and the like are wanted. Installed they would ask questions and add users and services. */
const unpacked = ["nova-common", "glance-common", "heat-common", "magnum-common", "neutron-common", "cinder-common"];

// dpkg-query's own placeholders, not ours
const versionFormat = "$" + "{Package} $" + "{Version}\n";
const statusFormat = "$" + "{db:Status-Status}";

/** Why the services cannot run on this machine; undefined when they can, or when those of `npm run openstack` are shared. */
export async function whyNoServices(): Promise<string | undefined> {
  if (process.env.ACESO_OPENSTACK) return undefined;
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const isDebian12 = /^ID=debian$/m.test(release) && /^VERSION_ID="12"$/m.test(release);
  if (!isDebian12)
    return "needs Debian 12, whose packages of OpenStack Zed it runs; any container of debian:12 will do";
  if (process.getuid?.() !== 0)
    return "needs to run as root, to install Debian's packages of OpenStack and run its database";
  return undefined;
}

/** Installs what is missing (about 160 MB to fetch); changes nothing when all is there. */
export async function installPackages(say: (line: string) => void): Promise<void> {
  const missing = await missingPackages();
  if (missing.length === 0) return;
  say(`installing ${missing.length} Debian packages of OpenStack and what they need (once)`);
  await withoutServices(async () => {
    const options = ["-y", "-o", "DPkg::Lock::Timeout=300", "--no-install-recommends"];
    await update();
    await run("apt-get", ["install", ...options, ...missing]);
  });
}

/** Versions of the services, one a line. What is prepared with one set of them is not used with another. */
export async function packageVersions(): Promise<string> {
  return run("dpkg-query", ["-W", "-f", versionFormat, ...installed]);
}

/** Unpacks what is not to be installed into `folder`, unless it is there already. */
export async function unpackInto(folder: string): Promise<void> {
  if (await exists(folder)) return;
  await mkdir(join(folder, ".."), { recursive: true });
  const temporary = await mkdtemp(`${folder}.new-`);
  try {
    const options = ["-o", "APT::Sandbox::User=root", "download", ...unpacked];
    await run("apt-get", options, temporary).catch(async () => {
      await update();
      await run("apt-get", options, temporary);
    });
    await run("sh", ["-c", 'for each in *.deb; do dpkg -x "$each" . || exit 1; done; rm -f *.deb'], temporary);
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // somebody else was quicker
    if (!(await exists(folder))) throw error;
  }
}

async function missingPackages(): Promise<readonly string[]> {
  const found = await Promise.all(
    installed.map(async (name) => {
      const status = await run("dpkg-query", ["-W", "-f", statusFormat, name]).catch(() => "");
      return status === "installed";
    }),
  );
  return installed.filter((_, index) => !found[index]);
}

/** apt waits for nobody who reads package lists at the same time, as another suite's preparation may. */
async function update(): Promise<void> {
  await eventually(
    "apt-get update",
    async () => {
      await run("apt-get", ["update"]);
      return true;
    },
    { withinMs: 120_000, everyMs: 5_000 },
  );
}

/** Keeps Debian from starting its own database and message broker. */
async function withoutServices(work: () => Promise<void>): Promise<void> {
  const policy = "/usr/sbin/policy-rc.d";
  const wasThere = await exists(policy);
  if (!wasThere) await writeFile(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    await work();
  } finally {
    if (!wasThere) await rm(policy, { force: true });
  }
}

function run(command: string, args: readonly string[], cwd = "/"): Promise<string> {
  const env = { ...process.env, LC_ALL: "C.UTF-8", DEBIAN_FRONTEND: "noninteractive" };
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command} ${args[0]}: ${(stderr || error.message).slice(-2_000)}`));
    });
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
