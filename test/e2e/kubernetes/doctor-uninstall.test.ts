import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { runHere } from "../../component/cli/cli-rig.ts";
import { findControlPlane } from "../../support/control-plane/build.ts";
import { briskConfig, briskNode, withProvider } from "../../support/e2e-stage/scenario.ts";
import { eventually } from "../../support/eventually.ts";
import { configFor } from "./doctor-config.ts";
import { useScenario } from "./use-scenario.ts";

const root = join(import.meta.dirname, "../../..");
const taint = { key: "node.kubernetes.io/out-of-service", value: "nodeshutdown", effect: "NoExecute" };
const marksOf = (bootID: string, wasUnschedulable: boolean) =>
  JSON.stringify({
    repairId: "r1",
    bootID,
    marks: { cordon: { wasUnschedulable, atWallMs: 1 }, outOfService: { atWallMs: 1 } },
  });

const settings = { ...briskConfig, ...withProvider };
const scenario = useScenario({
  nodes: ["returned", "off", "persons"].map((name) => ({ name, ...briskNode })),
  config: settings,
});

async function uninstall(): Promise<string> {
  const [kubeconfig = ""] = scenario().plane.kubeconfigs;
  const config = await configFor(scenario(), settings);
  const { exitCode, out, err } = await runHere(["doctor", "--uninstall", "--kubeconfig", kubeconfig, ...config]);
  expect([exitCode, err]).toEqual([0, ""]);
  return out;
}

async function runScript(script: string): Promise<void> {
  const { path } = await findControlPlane(() => undefined);
  const PATH = `${dirname(path.kubectl)}:${process.env.PATH}`;
  const KUBECONFIG = scenario().plane.kubeconfigs[0];
  const inFolder = `cd ${scenario().plane.dir}\n${script.replaceAll("manifests/", `${root}/manifests/`)}`;
  await promisify(execFile)("/bin/sh", ["-c", inFolder], { env: { ...process.env, PATH, KUBECONFIG } });
}

/** The commands that may be run now. */
const commands = (script: string) => script.split("\n").filter((line) => line.startsWith("kubectl"));

test("what is held is given back in a safe order, and a machine that is off is waited for", async () => {
  const { api, cluster, node, untilReady } = scenario();
  const boot = async (name: string) => String((await node(name)).status.nodeInfo.bootID);
  const mark = async (name: string, bootID: string, wasUnschedulable: boolean, taints: readonly object[]) =>
    api.patch(`/api/v1/nodes/${name}`, {
      metadata: { annotations: { "aceso.dev/marks": marksOf(bootID, wasUnschedulable) } },
      spec: { unschedulable: true, taints },
    });
  cluster.node("off").machine.kill();
  await mark("returned", "an earlier boot", false, [taint]);
  await mark("off", await boot("off"), false, [taint]);
  await mark("persons", await boot("persons"), true, []);
  await api.patch("/api/v1/nodes/persons", { metadata: { annotations: { "aceso.dev/paused": "disk swap" } } });
  await api.must("POST", "/apis/aceso.dev/v1alpha1/noderepairs", {
    apiVersion: "aceso.dev/v1alpha1",
    kind: "NodeRepair",
    metadata: { name: "off" },
  });

  for (const living of ["returned", "persons"]) await untilReady(living);
  const script = await uninstall();
  expect(commands(script)).toEqual([
    "kubectl -n aceso delete daemonset aceso --ignore-not-found",
    "kubectl annotate node persons aceso.dev/marks-",
    "kubectl taint node returned node.kubernetes.io/out-of-service:NoExecute-",
    "kubectl uncordon returned",
    "kubectl annotate node returned aceso.dev/marks-",
    expect.stringMatching(/^kubectl annotate node persons aceso\.dev\/paused- /),
  ]);
  expect(script).toContain("# Node persons carries a cordon of somebody else, which stays.");
  expect(script).toMatch(
    /^# Once off was switched on, is Ready and shows another boot ID than .*\(now its machine reads off\)/m,
  );
  expect(script).toContain("#   kubectl taint node off node.kubernetes.io/out-of-service:NoExecute-");
  expect(script).toContain("#   kubectl delete -f manifests/aceso.yaml --ignore-not-found");

  await runScript(script);
  expect(await node("returned")).toMatchObject({ spec: expect.not.objectContaining({ unschedulable: true }) });
  // the node controller follows the cordon with a taint of its own
  await eventually("no taint is left", async () => ((await node("returned")).spec.taints ?? []).length === 0);
  expect(await node("persons")).toMatchObject({ spec: { unschedulable: true } });
  expect((await node("off")).spec.taints).toContainEqual(expect.objectContaining({ key: taint.key }));
});

test("when that machine has booted, a second script gives the rest back, and a third finds nothing", async () => {
  const { cluster, node, plane } = scenario();
  await cluster.node("off").machine.powerOn();
  await eventually("it may return", async () => commands(await uninstall()).some((it) => it.includes("uncordon off")), {
    withinMs: 90_000,
  });
  const script = await uninstall();
  expect(commands(script).at(-1)).toBe("kubectl delete -f manifests/aceso.yaml --ignore-not-found");
  await runScript(script);
  expect((await node("off")).spec.taints ?? []).not.toContainEqual(expect.objectContaining({ key: taint.key }));
  expect(
    await plane.kubectl(["get", "namespaces,crds,clusterroles,validatingadmissionpolicies", "-o", "name"]),
  ).not.toMatch(/aceso/);
  expect(await uninstall()).toBe("# Aceso holds nothing in this cluster.\n");
});
