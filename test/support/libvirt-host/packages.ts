import { execFile } from "node:child_process";
import { access, chmod, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Debian's packages of a hypervisor, and a program that each of them brings. */
const packages: Readonly<Record<string, string>> = {
  "libvirt-daemon": "/usr/sbin/libvirtd",
  "libvirt-daemon-system": "/etc/libvirt/qemu.conf",
  "libvirt-clients": "/usr/bin/virsh",
  "qemu-system-x86": "/usr/bin/qemu-system-x86_64",
  "qemu-utils": "/usr/bin/qemu-img",
  "libsasl2-modules": "/usr/lib/x86_64-linux-gnu/sasl2/libscram.so",
  "sasl2-bin": "/usr/sbin/saslpasswd2",
  "openssh-server": "/usr/sbin/sshd",
};

/** What stands in the way of a libvirtd of our own on this machine; undefined: nothing. */
export async function missingForLibvirt(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "needs root, for a libvirtd of its own";
  const missing = await missingPackages();
  if (missing.length > 0 && !(await exists("/usr/bin/apt-get"))) {
    return `needs ${missing.join(", ")} (names of Debian's packages)`;
  }
  const other = await otherDaemon();
  return other === undefined ? undefined : `needs libvirt's fixed paths for itself, but process ${other} is a libvirtd`;
}

/** Installs what is missing. Nothing that the packages bring is started. */
export async function installPackages(): Promise<void> {
  const missing = await missingPackages();
  if (missing.length === 0) return;
  const policy = "/usr/sbin/policy-rc.d";
  const isOurs = !(await exists(policy));
  if (isOurs) {
    await writeFile(policy, "#!/bin/sh\nexit 101\n");
    await chmod(policy, 0o755);
  }
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const wait = ["-o", "DPkg::Lock::Timeout=300"];
    // another apt may hold the lists; the install says whether they will do
    await run("apt-get", ["update", "-qq"], { env }).catch(() => {});
    await run("apt-get", ["install", "-y", "-qq", ...wait, "--no-install-recommends", ...missing], { env });
  } finally {
    if (isOurs) await rm(policy, { force: true });
  }
}

async function missingPackages(): Promise<string[]> {
  const checked = Object.entries(packages).map(async ([name, file]) => ((await exists(file)) ? [] : [name]));
  return (await Promise.all(checked)).flat();
}

/** A libvirtd that is none of ours. Ours work in a folder named in their arguments. */
async function otherDaemon(): Promise<string | undefined> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const words = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
    const isDaemon = /(^|\/)(libvirtd|virtqemud|virtlogd)$/.test(words[0] ?? "");
    if (isDaemon && !words.some((word) => word.startsWith(hostFolder))) return pid;
  }
  return undefined;
}

/** Everything of the suite's hypervisor. Fixed, because libvirt's own paths are. */
export const hostFolder = "/var/tmp/aceso-libvirt";

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
