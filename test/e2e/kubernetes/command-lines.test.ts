import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient } from "../../support/api-client.ts";
import { findControlPlane } from "../../support/control-plane/build.ts";
import { type ControlPlane, startControlPlane } from "../../support/control-plane/start.ts";
import { briskNode } from "../../support/e2e-stage/scenario.ts";
import { eventually } from "../../support/eventually.ts";
import { type HollowCluster, startHollowCluster } from "../../support/hollow/cluster.ts";
import { isReady } from "../../support/node-state.ts";
import { commandsOf, handlingOf, pagesWithCommands } from "../../support/page-commands.ts";
import { readPages } from "../../support/pages.ts";
import { startOwned } from "../../support/processes.ts";

const project = join(import.meta.dirname, "../../..");
const nodes = [
  ...["m1", "m2"].map((name) => ({ name, role: "master" as const, ...briskNode })),
  ...["worker-1", "worker-2"].map((name) => ({ name, ...briskNode })),
];

let plane: ControlPlane;
let kubelets: ApiClient;
let cluster: HollowCluster;
let checkout = "";
let env: NodeJS.ProcessEnv = {};

beforeAll(async () => {
  plane = await startControlPlane({ crds: false });
  kubelets = new ApiClient(plane.hollowAccess);
  cluster = await startHollowCluster({ api: kubelets, nodes });
  checkout = await mkdtemp(join(tmpdir(), "aceso-pages-"));
  await makeCheckout();
  await eventually("the nodes are Ready", async () => {
    const { items } = await plane.api.get("/api/v1/nodes");
    return items.length === nodes.length && items.every(isReady);
  });
});

afterAll(async () => {
  await cluster?.stop();
  kubelets?.close();
  await plane?.stop();
  if (checkout !== "") await rm(checkout, { recursive: true, force: true });
});

/** A folder like a checkout in which somebody follows the pages: with the few files of their own that these name. */
async function makeCheckout(): Promise<void> {
  for (const name of await readdir(project)) await symlink(join(project, name), join(checkout, name));
  await writeFile(join(checkout, "config.yaml"), "sleep: 10\nkickout: 60\nkickin: 60\nbalancer: false\n");
  await writeFile(join(checkout, "password"), "secret");
  await writeFile(join(checkout, "fence-options"), "password=secret\n");
  const bin = join(checkout, "bin");
  await mkdir(bin);
  const editor = join(bin, "editor");
  await writeFile(editor, '#!/bin/sh\nexec sed -i "s/dry-run: true/dry-run: false/" "$1"\n');
  await chmod(editor, 0o755);
  const { path } = await findControlPlane();
  await symlink(path.kubectl, join(bin, "kubectl"));
  env = {
    ...process.env,
    PATH: [bin, dirname(process.execPath), process.env.PATH].join(delimiter),
    KUBECONFIG: plane.kubeconfigs[0],
    KUBE_EDITOR: editor,
  };
}

interface Ran {
  readonly code: number | null;
  readonly said: string;
}

/** Runs a line as a shell would that has read the README's alias. */
async function run(line: string): Promise<Ran> {
  const script = `${alias}\n${line}\n`;
  const { owned, child } = await startOwned({ name: line, command: "sh", args: ["-c", script], cwd: checkout, env });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (said += chunk));
  child.stdin?.end();
  const closed = new Promise((resolve) => child.once("close", resolve));
  const { code } = await owned.exited;
  await closed;
  return { code, said };
}

const pages = await readPages();

/** By which the pages mean `aceso`. */
const alias = pages.flatMap(commandsOf).find((line) => line.startsWith("alias aceso="));

/** Nobody leads here, which is a finding; what counts is that all topics were looked at. */
const isDoctor = (line: string) => line.startsWith("aceso doctor");

describe.each(pagesWithCommands)("%s", (file) => {
  const page = pages.find((it) => it.file === file);
  const lines = page === undefined ? [] : commandsOf(page).filter((line) => handlingOf(line) === "run");

  test.each(lines)("%s", async (line) => {
    const { code, said } = await run(line);
    if (isDoctor(line)) expect(said).toMatch(/\d+ ok, \d+ warnings?, \d+ errors?\n/);
    expect(said).not.toMatch(/this is a bug|^\s+at /m);
    expect([code, said]).toEqual([isDoctor(line) ? expect.any(Number) : 0, said]);
  });

  test("what it asked for is so, and can be taken away again", async () => {
    const api = "/api/v1/namespaces/aceso";
    const { data } = await plane.api.get(`${api}/configmaps/aceso`);
    expect(data["config.yaml"]).toMatch(file === "README.md" ? /^dry-run: false$/m : /^sleep: 10$/m);
    expect((await plane.api.get(`${api}/secrets/aceso-credentials`)).data).toBeDefined();
    const daemonSet = await plane.api.get("/apis/apps/v1/namespaces/aceso/daemonsets/aceso");
    const [{ env: variables }] = daemonSet.spec.template.spec.containers;
    expect(variables.map(({ name }: { name: string }) => name)).not.toContain("ACESO_DRY_RUN");
    await plane.kubectl(["delete", "-f", join(project, "manifests/aceso.yaml"), "--wait=false"]);
    const crd = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/noderepairs.aceso.dev";
    for (const path of [api, crd])
      await eventually(`${path} is gone`, async () => (await plane.api.call("GET", path)).status === 404, {
        withinMs: 120_000,
      });
  });
});

test("the pages had lines to run", () => {
  const all = pages.filter(({ file }) => pagesWithCommands.some((it) => it === file)).flatMap(commandsOf);
  expect(all.filter((line) => handlingOf(line) === "run").length).toBeGreaterThan(20);
});
