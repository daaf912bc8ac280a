import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import { KubeSimulator } from "../../sim/kube/simulator.ts";
import { startAceso } from "../../support/aceso-process.ts";
import { eventually } from "../../support/eventually.ts";
import { findFreePort } from "../../support/free-port.ts";
import { blocksOf } from "../../support/pages.ts";
import { Buildah } from "./buildah.ts";
import { installBuildah } from "./means.ts";
import { startRegistry } from "./registry.ts";
import { makeBaseRoot, makeBuildRoot } from "./root-file-system.ts";
import { type ImageConfig, startCommand } from "./started-image.ts";

const project = join(import.meta.dirname, "../../..");
const image = "localhost/aceso:0.1.0";

let folder = "";
let buildah: Buildah;
let root = "";
let config: ImageConfig;

beforeAll(async () => {
  await installBuildah();
  folder = await mkdtemp(join(tmpdir(), "aceso-image-"));
  buildah = new Buildah(folder);
  const roots = { "aceso-base": makeBaseRoot, "aceso-build": makeBuildRoot };
  const trusts = ["NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt", "NPM_CONFIG_PREFER_OFFLINE=true"];
  for (const [name, make] of Object.entries(roots)) {
    const from = join(folder, name);
    await mkdir(from);
    await make(from);
    await buildah.imageOf(from, `localhost/${name}`, ["PATH=/usr/local/bin:/usr/bin:/bin", ...trusts]);
    await rm(from, { recursive: true });
  }
  await build();
  const container = await buildah.run(["from", "--pull-never", image]);
  root = await buildah.run(["mount", container]);
  config = JSON.parse(await buildah.run(["inspect", container])).OCIv1.config;
}, 300_000);

afterAll(async () => {
  await buildah?.run(["umount", "--all"]).catch(() => undefined);
  if (folder !== "") await rm(folder, { recursive: true, force: true });
}, 60_000);

/** The Dockerfile as it is, without a daemon. What this machine's npm has fetched before is not fetched again. */
async function build(): Promise<void> {
  const begunMs = systemClock.now().monoMs;
  const cache = process.env.npm_config_cache ?? join(process.env.HOME ?? "/root", ".npm");
  await mkdir(cache, { recursive: true });
  const images = ["--build-arg=BUILD_IMAGE=localhost/aceso-build", "--build-arg=BASE_IMAGE=localhost/aceso-base"];
  const isolation = ["--isolation=chroot", "--pull-never", `--volume=${cache}:/root/.npm`];
  await buildah.run(["build", ...isolation, ...images, "--tag", image, "."], { cwd: project });
  console.info(`image built in ${Math.round((systemClock.now().monoMs - begunMs) / 1_000)} s`);
}

async function runImage(args: readonly string[], changes: Partial<ImageConfig> = {}) {
  const [command = "", ...first] = startCommand(root, project, { ...config, ...changes });
  const aceso = await startAceso({ name: "image", command: [command, ...first], args });
  const { code } = await aceso.exited;
  return { code, out: aceso.lines.map(({ text }) => text).join("\n") };
}

test("it is small beside its base, and says itself that it runs as an unprivileged user", async () => {
  const sizes = await buildah.run(["images", "--format", "{{.Name}}: {{.Size}}"]);
  console.info(sizes);
  const [, megabytes] = /localhost\/aceso: +(\d+(?:\.\d+)?) MB/.exec(sizes) ?? [];
  expect(Number(megabytes)).toBeLessThan(200);
  expect(config).toMatchObject({ User: "65532:65532", WorkingDir: "/app" });
  expect(config.Entrypoint.at(-1)).toBe("/app/main.js");
});

test("its root is read-only where it is started here, also for root", async () => {
  const script = "require('node:fs').writeFileSync('/app/left', '')";
  const Entrypoint = ["/usr/local/bin/node", "-e", script];
  expect(await runImage([], { Entrypoint, User: "0:0" })).toMatchObject({
    code: 1,
    out: expect.stringContaining("EROFS"),
  });
});

test("its commands run on it", async () => {
  const { version } = JSON.parse(await readFile(join(project, "package.json"), "utf8"));
  expect(await runImage(["version"])).toEqual({ code: 0, out: `aceso ${version}` });
  const { code, out } = await runImage(["doctor", "--kubeconfig", "/nowhere"]);
  expect([code, out]).toEqual([2, expect.stringContaining("ACESO_KUBE_ACCESS")]);
});

test("a replica starts, leads, answers its probes, holds no privilege, and ends when asked to", async () => {
  const kube = new KubeSimulator({ clock: systemClock });
  await kube.start();
  try {
    const etc = join(folder, "etc");
    await mkdir(etc);
    const port = await findFreePort();
    await writeFile(join(etc, "config.yaml"), `http: {probes: "127.0.0.1:${port}", pages: "off"}\n`);
    await writeFile(join(etc, "kubeconfig"), kube.kubeconfig("replica"), { mode: 0o644 });
    const args = ["run", "--kubeconfig", "/etc/aceso/kubeconfig", "--instance", "replica", "--daemonset", ""];
    const replica = await startAceso({ name: "replica", command: startCommand(root, etc, config), args });
    await replica.line(/"leads"/);
    await eventually("it is ready", async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200);
    const status = await readFile(`/proc/${replica.pid}/status`, "utf8");
    expect(status).toMatch(/^Uid:\t65532\t65532\t65532\t65532$/m);
    expect(status).toMatch(/^Gid:\t65532\t65532\t65532\t65532$/m);
    expect(status).toMatch(/^CapEff:\t0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(await replica.stop()).toEqual({ code: 0, signal: null });
  } finally {
    await kube.stop();
  }
});

test("the commands of the page for clusters without Internet bring it into a private registry", async () => {
  const file = "docs/airgapped.md";
  const page = { file, text: await readFile(join(project, file), "utf8") };
  const lines = blocksOf(page, "sh").flatMap((block) => block.split("\n"));
  const commands = lines.filter((line) => line.startsWith("buildah ")).map((line) => line.split(" ").slice(1));
  expect(commands.map(([command]) => command)).toEqual(["build", "push", "pull", "tag", "push"]);
  const registry = await startRegistry();
  try {
    // the other side has a store of its own
    const there = new Buildah(join(folder, "there"));
    const [, save, ...importing] = commands.map((words) =>
      words.map((word) => word.replace("registry.example.org", registry.address)),
    );
    await buildah.run(save ?? [], { cwd: folder });
    for (const words of importing) {
      const isPush = words[0] === "push";
      await there.run(isPush ? ["push", "--tls-verify=false", ...words.slice(1)] : words, { cwd: folder });
    }
    const manifest = JSON.parse(registry.manifests.get("aceso:0.1.0") ?? "{}");
    const parts = [manifest.config, ...manifest.layers].map((it: { digest: string }) => it.digest);
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.filter((digest) => !registry.blobs.has(digest))).toEqual([]);
    expect(manifest.config.digest).toBe(`sha256:${await idOf(there)}`);
  } finally {
    await registry.close();
  }
}, 120_000);

function idOf(store: Buildah): Promise<string> {
  return store
    .run(["images", "--no-trunc", "--quiet", "docker.io/library/aceso:0.1.0"])
    .then((it) => it.replace(/^sha256:/, ""));
}
