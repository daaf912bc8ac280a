import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { binaries, findControlPlane, mayHaveControlPlane } from "../../support/control-plane/build.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "aceso-build-"));
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
  vi.stubEnv("KUBEBUILDER_ASSETS", "");
  vi.stubEnv("PATH", `${join(folder, "bin")}:/usr/bin:/bin`);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** Says its version, and "builds" by writing its arguments into the file asked for. */
async function installGo(exitCode = 0): Promise<void> {
  const go = join(folder, "bin", "go");
  await mkdir(join(folder, "bin"), { recursive: true });
  const script = `#!/bin/sh
[ "$1" = version ] && exit 0
for word; do [ "$before" = -o ] && out=$word; before=$word; done
echo "CGO_ENABLED=$CGO_ENABLED $*" | tee -a "${folder}/built" > "$out"
echo "no space left" >&2
exit ${exitCode}
`;
  await writeFile(go, script);
  await chmod(go, 0o755);
}

describe("finding the control plane", () => {
  test("says what is missing where there is no Go", async () => {
    expect(await mayHaveControlPlane()).toBe(false);
    await expect(findControlPlane()).rejects.toThrow(/no etcd, kube-apiserver, .*install Go .*KUBEBUILDER_ASSETS/);
  });

  test("builds each program once, though two ask at a time", async () => {
    await installGo();
    expect(await mayHaveControlPlane()).toBe(true);
    const lines: string[] = [];
    const say = (line: string) => lines.push(line);
    const [found] = await Promise.all([findControlPlane(say), findControlPlane(say)]);
    const built = (await readFile(join(folder, "built"), "utf8")).trim().split("\n");
    expect(built.map((line) => line.split("/").at(-1))).toEqual(["v3", ...binaries.slice(1)]);
    expect(built[1]).toMatch(
      /^CGO_ENABLED=0 build -p 2 -trimpath .*version\.gitVersion=v1\.\d+\.\d+ .*kube-apiserver\.new /,
    );
    expect(lines.filter((line) => line.startsWith("building "))).toHaveLength(binaries.length);
    expect(lines.filter((line) => line.startsWith("another process builds"))).toHaveLength(1);

    const kept = join(folder, "cache/aceso/control-plane", found.version);
    expect((await readdir(kept)).sort()).toEqual([...binaries].sort());
    await findControlPlane();
    expect((await readFile(join(folder, "built"), "utf8")).trim().split("\n")).toHaveLength(binaries.length);
  });

  test("a build that breaks off leaves no program behind, and no lock", async () => {
    await installGo(1);
    await expect(findControlPlane()).rejects.toThrow(/go build exited with 1: no space left/);
    await installGo();
    expect((await findControlPlane()).path.etcd).toMatch(/etcd$/);
  });

  test("takes over the lock of a builder that is gone", async () => {
    await installGo();
    const { version } = await findControlPlane();
    const kept = join(folder, "cache/aceso/control-plane", version);
    await rm(join(kept, "etcd"));
    await writeFile(join(kept, ".lock"), "999999999\n");
    await findControlPlane();
    expect((await readdir(kept)).sort()).toEqual([...binaries].sort());
  });

  test("takes KUBEBUILDER_ASSETS, and names what is not in it", async () => {
    const assets = join(folder, "assets");
    await mkdir(assets);
    for (const name of ["etcd", "kube-apiserver", "kubectl"]) await writeFile(join(assets, name), "");
    vi.stubEnv("KUBEBUILDER_ASSETS", assets);
    await expect(findControlPlane()).rejects.toThrow(/has no kube-controller-manager, kube-scheduler: put them there/);
    for (const name of ["kube-controller-manager", "kube-scheduler"]) await writeFile(join(assets, name), "");
    expect((await findControlPlane()).path.etcd).toBe(join(assets, "etcd"));
  });
});
