import { spawn } from "node:child_process";
import { access, mkdir, readFile, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { withLock } from "../lock.ts";

/** In the order in which they are built. */
export const binaries = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"] as const;
export type Binary = (typeof binaries)[number];

/** Where the programs of a control plane are. */
export interface Binaries {
  readonly version: string;
  readonly path: Readonly<Record<Binary, string>>;
}

/** The control plane cannot be had here; the message says what is missing and how to have it. */
export class ControlPlaneMissing extends Error {}

const toolsFolder = join(import.meta.dirname, "../../tools");

/**
 * Finds the programs, building those that are missing (about six minutes on two cores, once).
 *
 * `KUBEBUILDER_ASSETS` is taken first: a folder with etcd, kube-apiserver and kubectl as envtest brings them, plus
 * kube-controller-manager and kube-scheduler, which it does not bring.
 *
 * @throws ControlPlaneMissing when a program is missing and cannot be built
 */
export async function findControlPlane(say: (line: string) => void = () => {}): Promise<Binaries> {
  const folder = await cacheFolder();
  const built = { version: folder.version, path: pathsIn(folder.path) };
  const assets = process.env.KUBEBUILDER_ASSETS;
  if (assets !== undefined && assets !== "") return findAssets(assets, built);
  if ((await missingIn(built)).length > 0) await buildMissing(folder, built, say);
  return built;
}

/** Whether it could be had without failing: a Go toolchain, a finished build, or `KUBEBUILDER_ASSETS`. */
export async function mayHaveControlPlane(): Promise<boolean> {
  if (process.env.KUBEBUILDER_ASSETS) return true;
  const folder = await cacheFolder();
  const missing = await missingIn({ version: folder.version, path: pathsIn(folder.path) });
  return missing.length === 0 || (await hasGo());
}

async function findAssets(assets: string, built: Binaries): Promise<Binaries> {
  const given = pathsIn(assets);
  const path: Record<Binary, string> = { ...given };
  for (const name of ["kube-controller-manager", "kube-scheduler"] as const) {
    if (!(await exists(given[name])) && (await exists(built.path[name]))) path[name] = built.path[name];
  }
  const missing = await missingIn({ version: "", path });
  if (missing.length > 0) {
    throw new ControlPlaneMissing(
      `KUBEBUILDER_ASSETS=${assets} has no ${missing.join(", ")}: put them there, or unset the variable and install Go ` +
        "(https://go.dev/dl), so that the tests build their own control plane",
    );
  }
  return { version: "from KUBEBUILDER_ASSETS", path };
}

interface Folder {
  readonly path: string;
  readonly version: string;
}

async function cacheFolder(): Promise<Folder> {
  const mod = await readFile(join(toolsFolder, "go.mod"), "utf8");
  const version = /^\s*(?:require\s+)?k8s\.io\/kubernetes (v\S+)/m.exec(mod)?.[1];
  if (version === undefined) throw new Error(`no version of k8s.io/kubernetes in ${toolsFolder}/go.mod`);
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return { version, path: join(cache, "aceso", "control-plane", version) };
}

function pathsIn(folder: string): Record<Binary, string> {
  const entries = binaries.map((name) => [name, join(folder, name)] as const);
  // fromEntries forgets the keys' type
  return Object.fromEntries(entries) as Record<Binary, string>;
}

async function missingIn(found: Binaries): Promise<Binary[]> {
  const there = await Promise.all(binaries.map((name) => exists(found.path[name])));
  return binaries.filter((_, index) => !there[index]);
}

async function buildMissing(folder: Folder, built: Binaries, say: (line: string) => void): Promise<void> {
  if (!(await hasGo())) {
    throw new ControlPlaneMissing(
      `no ${(await missingIn(built)).join(", ")} in ${folder.path} and no Go to build them with: install Go (https://go.dev/dl), ` +
        "or set KUBEBUILDER_ASSETS to a folder that holds them",
    );
  }
  await mkdir(folder.path, { recursive: true });
  await withLock(join(folder.path, ".lock"), { say, what: "another process builds the control plane" }, async () => {
    for (const name of await missingIn(built)) {
      say(`building ${name} ${folder.version} (once, kept in ${folder.path})`);
      await build(name, folder.version, built.path[name]);
    }
  });
}

async function build(name: Binary, version: string, target: string): Promise<void> {
  const source = name === "etcd" ? "go.etcd.io/etcd/server/v3" : `k8s.io/kubernetes/cmd/${name}`;
  const temporary = `${target}.new`;
  const args = ["build", "-p", "2", "-trimpath", "-ldflags", linkerFlags(version), "-o", temporary, source];
  await run("go", args, { cwd: toolsFolder, env: { ...process.env, CGO_ENABLED: "0" } });
  await rename(temporary, target);
}

/** Without these the API server says of itself `v0.0.0-master+$Format:%H$`, which kubectl cannot read. */
function linkerFlags(version: string): string {
  const [major, minor] = version.slice(1).split(".");
  const values = [`gitVersion=${version}`, `gitMajor=${major}`, `gitMinor=${minor}`, "gitTreeState=archive"];
  const packages = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"];
  return ["-s -w", ...packages.flatMap((name) => values.map((value) => `-X ${name}.${value}`))].join(" ");
}

async function hasGo(): Promise<boolean> {
  return run("go", ["version"]).then(
    () => true,
    () => false,
  );
}

function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors = (errors + chunk).slice(-4_000);
    });
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ${args[0]} exited with ${code}: ${errors}`)),
    );
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
