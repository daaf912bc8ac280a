import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const program = "/usr/bin/buildah";

/** What stands in the way of building an image here; undefined: nothing. */
export async function missingForImage(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "needs root, to build an image without a daemon and to start it in a chroot";
  if (!(await exists(program)) && !(await exists("/usr/bin/apt-get")))
    return "needs buildah (Debian's package buildah)";
  if (!(await exists("/usr/bin/unshare"))) return "needs unshare and mount (Debian's packages util-linux and mount)";
  // a container without CAP_SYS_ADMIN may not mount, and so cannot make a root read-only
  return run("unshare", ["--mount", "true"]).then(
    () => undefined,
    () => "needs the capability CAP_SYS_ADMIN, to mount a read-only root",
  );
}

/** Installs buildah where it is missing. */
export async function installBuildah(): Promise<void> {
  if (await exists(program)) return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = ["-y", "-qq", "-o", "DPkg::Lock::Timeout=300", "--no-install-recommends"];
  // another apt may hold the lists; the install says whether they will do
  await run("apt-get", ["update", "-qq"], { env }).catch(() => undefined);
  await run("apt-get", ["install", ...options, "buildah"], { env });
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
