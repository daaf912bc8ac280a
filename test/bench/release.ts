import { mergePatch } from "../support/api-client.ts";
import { type Scenario, startScenario } from "../support/e2e-stage/scenario.ts";
import { eventually } from "../support/eventually.ts";
import type { Benchmark, BenchOptions, Table } from "./benchmark.ts";
import { median, ratio, seconds, spread } from "./figures.ts";
import { type Fate, homeOf, lonelySet, Victim } from "./victims.ts";

/** Stock values of Kubernetes; the hollow kubelets' are stock by themselves (a Lease every 10 s). */
const stockPlane = { nodeGrace: "50s", nodeMonitor: "5s" };
const nodeCount = 12;
/** The one setting that is not the default: the default protects nodes in their first 10 minutes, all of them here. */
const config = { "check-delay-after-add": "0s" };
const exec = {
  ...config,
  "cloud-provider": "exec",
  exec: { protocol: "json", operations: ["identify", "observe", "power-off", "power-on"] },
};
const unproven = { ...config, "cloud-provider": "none", fencing: { "accept-unproven": true } };
/** `startup-delay`, and then every Lease was seen to move. */
const settledMs = 45_000;
/** How long the pod collector and a node's 300 s of toleration are waited for where nobody helps. */
const aloneMs = 400_000;
const mostMs = 300_000;

/** DESIGN §10: measured on such a control plane with stock settings. */
const others = { "magnum-auto-healer": 819_000, Asklepios: 139_000 };

type Way = "found off" | "hung" | "unproven";

async function run(options: BenchOptions): Promise<readonly Table[]> {
  const command = await options.program();
  const fates = new Map<Way | "alone", Fate[]>();
  const add = (way: Way | "alone", fate: Fate) => fates.set(way, [...(fates.get(way) ?? []), fate]);
  // the two clusters do not disturb each other, and most of the time is waiting
  await Promise.all([
    inScene(options, exec, command, async (scene) => {
      const alone = await killUntouched(scene);
      await waves(scene, ["found off", "hung"], options, add);
      if (!options.isShort) await eventually("the untouched node's time", () => alone.fate().watchedMs > aloneMs, long);
      add("alone", alone.fate());
    }),
    inScene(options, unproven, command, (scene) => waves(scene, ["unproven"], options, add)),
  ]);
  return [releaseTable(fates, options.isShort), aloneTable(fates.get("alone") ?? [])];
}

const long = { withinMs: aloneMs + mostMs, everyMs: 1_000 };

/** A cluster with one replica of Aceso that has led for long enough to begin repairs. */
async function inScene(
  { say }: BenchOptions,
  settings: Readonly<Record<string, unknown>>,
  command: readonly string[],
  work: (scene: Scenario) => Promise<void>,
): Promise<void> {
  const nodes = Array.from({ length: nodeCount }, (_, index) => ({ name: `n${index + 1}` }));
  const scene = await startScenario({ plane: stockPlane, nodes, config: settings, command });
  try {
    for (const set of ["first", "second", "alone"]) await scene.create(lonelySet(set));
    const replica = await scene.startReplica({ name: "replica-1" });
    await replica.line(/"leads"/, { withinMs: 60_000 });
    say(`${String(settings["cloud-provider"])}: leads, settling for ${settledMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, settledMs));
    await work(scene);
  } finally {
    await scene.stop();
  }
}

/** A dead machine that Aceso is told to leave alone: what Kubernetes does by itself, in the same run. */
async function killUntouched(scene: Scenario): Promise<Victim> {
  const node = await homeOf(scene, "alone");
  const annotations = { "aceso.dev/paused": "the baseline of a benchmark" };
  await scene.plane.api.must(
    "PATCH",
    `/api/v1/nodes/${node}`,
    { metadata: { annotations } },
    { contentType: mergePatch },
  );
  const victim = new Victim(scene, "alone", node);
  scene.cluster.node(node).machine.kill();
  return victim;
}

/** Kills one machine a way, waits until their volumes are attached elsewhere and the nodes are back, and again. */
async function waves(
  scene: Scenario,
  ways: readonly Way[],
  { isShort, say }: BenchOptions,
  add: (way: Way, fate: Fate) => void,
): Promise<void> {
  for (let wave = 1; wave <= (isShort ? 1 : 3); wave += 1) {
    const victims = await Promise.all(ways.map((way, index) => strike(scene, way, index === 0 ? "first" : "second")));
    const areFree = () => victims.every(({ victim }) => victim.isAttachedElsewhere);
    await eventually(`wave ${wave} is released`, areFree, { withinMs: mostMs, everyMs: 250 });
    for (const { way, victim } of victims) {
      add(way, victim.fate());
      say(`wave ${wave}, ${way}: released ${seconds(victim.fate().releasedMs)} after the last heartbeat`);
    }
    if (!isShort) await Promise.all(victims.map(({ victim }) => returned(scene, victim.node)));
  }
}

async function strike(scene: Scenario, way: Way, set: string): Promise<{ way: Way; victim: Victim }> {
  const node = await homeOf(scene, set);
  const victim = new Victim(scene, set, node);
  const { machine } = scene.cluster.node(node);
  if (way === "found off") machine.kill();
  else machine.hang();
  return { way, victim };
}

/** Without a provider somebody has to push the button. */
async function returned(scene: Scenario, node: string): Promise<void> {
  const { machine } = scene.cluster.node(node);
  const path = `/apis/aceso.dev/v1alpha1/noderepairs/${node}`;
  const isIn = async (phases: readonly string[]) => phases.includes((await scene.plane.api.get(path)).status?.phase);
  const isRecovering = () => isIn(["Recovering", "Unfencing", "Healed"]);
  const isOver = () => isIn(["Healed"]);
  await eventually(`${node} recovers`, isRecovering, { withinMs: mostMs });
  if (machine.power === "on" && machine.face === "mute") void machine.powerOff().then(() => machine.powerOn());
  await eventually(`${node} is healed`, isOver, { withinMs: mostMs, everyMs: 1_000 });
}

function releaseTable(fates: ReadonlyMap<Way | "alone", readonly Fate[]>, isShort: boolean): Table {
  const ways: readonly Way[] = ["found off", "hung", "unproven"];
  const rows = ways.map((way) => {
    const its = fates.get(way) ?? [];
    const released = median(its.map((it) => it.releasedMs));
    return [
      way,
      spread(
        its.map((it) => it.firstEffectMs),
        seconds,
      ),
      spread(
        its.map((it) => it.taintedMs),
        seconds,
      ),
      spread(
        its.map((it) => it.releasedMs),
        seconds,
      ),
      spread(
        its.map((it) => it.attachedElsewhereMs),
        seconds,
      ),
      ...Object.values(others).map((other) => ratio(other / released)),
    ];
  });
  return {
    title: `Last heartbeat → … with stock settings, ${isShort ? "one repetition" : "medians of 3 (range)"}`,
    columns: [
      "machine",
      "first effect",
      "tainted",
      "pods released",
      "volume attached elsewhere",
      "magnum-auto-healer takes",
      "Asklepios takes",
    ],
    rows,
    notes: [
      "Real etcd, API server, controller manager (grace 50 s) and scheduler; kubelets and CSI driver (detach 1 s) are hollow; Aceso is the bundle with its service account's token.",
      "Aceso's defaults but for check-delay-after-add, which would protect nodes this young. One replica; two such clusters side by side.",
      "Budget: found off ≤ 40 s; hung ≤ 75 s. Others, measured elsewhere on such a control plane: magnum-auto-healer 819 s, Asklepios 139 s without proof.",
    ],
  };
}

function aloneTable(fates: readonly Fate[]): Table {
  return {
    title: "The same death without Aceso (its node paused), kube-controller-manager alone, same run",
    columns: ["not Ready", "pod terminating", "pod released", "volume attached elsewhere", "watched for"],
    rows: fates.map((it) => [
      seconds(it.notReadyMs),
      Number.isFinite(it.terminatingMs) ? seconds(it.terminatingMs) : "not yet",
      Number.isFinite(it.releasedMs) ? seconds(it.releasedMs) : "never",
      Number.isFinite(it.attachedElsewhereMs) ? seconds(it.attachedElsewhereMs) : "never",
      seconds(it.watchedMs),
    ]),
    notes: [
      "The taint eviction marks the pod after its 300 s of toleration and no more: nobody confirms the end of a pod whose kubelet is dead, so a StatefulSet waits for ever.",
    ],
  };
}

export const releaseBenchmark: Benchmark = {
  name: "release",
  summary: "a node falls silent → its pods and volumes are free, stock settings, real control plane",
  needsControlPlane: true,
  run,
};
