import { execFile } from "node:child_process";
import { chmod, copyFile, cp, mkdir, realpath, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const node = join(import.meta.dirname, "../../../node_modules/node/bin/node");
const certificates = "/etc/ssl/certs/ca-certificates.crt";

/** Names and addresses are looked up through these at run time, so that no program names them as its own. */
const nameLibraries = ["libnss_dns.so.2", "libnss_files.so.2"];

/** A root file system that can run Node and nothing else: this machine's glibc and what Node needs besides. */
export async function makeBaseRoot(root: string): Promise<void> {
  for (const library of await librariesOf(node)) await putAt(root, library, library);
  for (const library of nameLibraries) {
    for (const folder of ["/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu"]) {
      await putAt(root, `${folder}/${library}`, `${folder}/${library}`).catch(() => undefined);
    }
  }
  await write(root, "/etc/passwd", "root:x:0:0::/root:/sbin/nologin\nnonroot:x:65532:65532::/:/sbin/nologin\n");
  await write(root, "/etc/nsswitch.conf", "hosts: files dns\n");
  await putAt(root, certificates, certificates);
  await mkdir(join(root, "tmp"));
  await chmod(join(root, "tmp"), 0o1777);
}

/** The same with Node, npm and a shell: enough to build in. */
export async function makeBuildRoot(root: string): Promise<void> {
  await makeBaseRoot(root);
  await putAt(root, node, "/usr/local/bin/node");
  for (const program of ["/bin/sh", "/bin/rm", "/usr/bin/env"]) {
    await putAt(root, program, program);
    for (const library of await librariesOf(program)) await putAt(root, library, library);
  }
  const npm = "/usr/local/lib/node_modules/npm";
  await cp(await npmFolder(), join(root, npm), { recursive: true });
  await symlink(`${npm}/bin/npm-cli.js`, join(root, "/usr/local/bin/npm"));
}

async function npmFolder(): Promise<string> {
  const { npm_execpath: running } = process.env;
  const script = running?.endsWith("npm-cli.js") ? running : (await run("sh", ["-c", "command -v npm"])).stdout.trim();
  return dirname(dirname(await realpath(script)));
}

/** Files that the dynamic linker loads for a program, itself among them. */
async function librariesOf(program: string): Promise<readonly string[]> {
  const { stdout } = await run("ldd", [program]);
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, file]) => file ?? "");
}

async function putAt(root: string, from: string, to: string): Promise<void> {
  const target = join(root, to);
  await mkdir(dirname(target), { recursive: true });
  await copyFile(await realpath(from), target);
  await chmod(target, (await stat(from)).mode);
}

async function write(root: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}
