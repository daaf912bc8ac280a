import type { ApiObject } from "../../support/api-client.ts";
import { briskConfig, type Healing, startHealing } from "../../support/healing.ts";
import type { ReplacerOptions } from "../../support/hollow-replacer.ts";
import { loudLog } from "../../support/quiet-ports.ts";
import type { Replica } from "../../support/replicas-in-process.ts";
import { writeKindsOf } from "../../support/write-kind.ts";
import type { Blow, Scenario } from "./crash-cases.ts";

/** How a run ended. */
export interface Outcome {
  readonly phase: string;
  readonly reason: string;
  /** Kinds of the first replica's writes to the API server, in order. */
  readonly writes: readonly string[];
  /** What was asked of the machine's owner, in order. */
  readonly calls: readonly string[];
  /** Broken promises, one sentence each. */
  readonly broken: readonly string[];
}

// biome-ignore lint/suspicious/noThenProperty: the simulator's own word, never awaited
const loseAnswer = { kind: "lose-answer", then: "reset" } as const;
const patient = "b";
const ends = ["Healed", "Recovered", "Held"];
const simulatedLimitMs = 3_600_000;

/** Plays one scenario, with at most one blow, to its end. */
export async function playCase(scenario: Scenario, blow: Blow | undefined): Promise<Outcome> {
  const loud = process.env.LOUD ? { log: loudLog } : {};
  const config = `${briskConfig}\n${scenario.extraConfig ?? ""}\n${scenario.ladder === undefined ? "" : `ladder: {worker: [${scenario.ladder}]}`}`;
  await using it = await startHealing({
    nodes: ["a", patient, "c"].map((name) => ({ name })),
    config,
    hasProvider: scenario.hasProvider,
    ...(scenario.replacing === undefined ? {} : { replacing: scenario.replacing }),
    ...loud,
  });
  const broken: string[] = [];
  watchTaints(it, scenario, broken);
  watchDeletions(it, broken);
  addPod(it);
  const first = await it.startReplica("one", "a");
  await it.world.clock.advance(15_000);
  const base = it.world.kube.writes.of("one");
  const writes = writeKindsOf(it.world, "one");
  const replicas: Replica[] = [first];
  aim(it, blow, base);
  await strike(it, scenario);
  const comeBack = comeBackWhenReleased(it, scenario);
  const isOver = () => {
    comeBack();
    return ends.includes(it.repair(patient)?.status?.phase ?? "");
  };
  const isKilled = () => it.world.kube.isKilled("one");
  if (blow !== undefined && (blow.how === "before" || blow.how === "after")) {
    await it.world.clock.runUntil(() => isKilled() || isOver(), simulatedLimitMs, "the blow or the end");
    if (isKilled()) replicas.push(await it.startReplica("two", "c"));
  }
  await it.world.clock.runUntil(isOver, simulatedLimitMs, "the end of the repair");
  // What is decided right after the end must be nothing.
  const callsAtEnd = it.provider.calls.length;
  await it.world.clock.advance(60_000);
  if (it.provider.calls.length > callsAtEnd && it.repair(patient)?.status.phase !== "Held") {
    broken.push("something was done to the machine after the end");
  }
  return judge(it, scenario, [...writes], broken);
}

async function strike(it: Healing, scenario: Scenario): Promise<void> {
  const node = it.cluster.node(patient);
  if (scenario.isLiving === true) {
    await node.kubelet.setCondition({
      type: "Ready",
      status: "False",
      reason: "KubeletNotReady",
      message: "simulated",
    });
    // A restart cures it.
    const bootId = node.machine.bootId;
    node.machine.onChange(() => {
      if (node.machine.bootId !== bootId) void node.kubelet.clearCondition("Ready");
    });
  } else scenario.strike(node.machine);
}

/** Does what a person would, once, when the pods are free. */
function comeBackWhenReleased(it: Healing, scenario: Scenario): () => void {
  let isDone = scenario.comeBack === undefined;
  return () => {
    const phase = it.repair(patient)?.status?.phase;
    if (isDone || (phase !== "Recovering" && phase !== "Held")) return;
    isDone = true;
    scenario.comeBack?.(it.cluster.node(patient).machine);
  };
}

/** A pod that must move. */
function addPod(it: Healing): void {
  it.world.kube.store.put("pods", {
    metadata: { name: "web-0", namespace: "default" },
    spec: { nodeName: patient, terminationGracePeriodSeconds: 1, containers: [{ name: "main", image: "simulated" }] },
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  });
}

/** Notices a taint that was written while the machine was not off, and a power-off of a living node. */
function watchTaints(it: Healing, scenario: Scenario, broken: string[]): void {
  it.world.kube.writes.onWrite(({ stage, request, code }) => {
    if (stage !== "after" || request.kind?.plural !== "nodes" || request.name !== patient || (code ?? 500) >= 300)
      return;
    const sent = JSON.stringify((request.body as ApiObject)?.spec?.taints ?? []);
    if (!sent.includes("out-of-service") || !request.instance.match(/^(one|two)$/)) return;
    const machine = it.cluster.nodes.find((node) => node.name === patient)?.machine;
    if (machine === undefined) return;
    if (scenario.hasProvider && machine.power !== "off") broken.push(`tainted while the machine read ${machine.power}`);
    if (machine.isTalking) broken.push("tainted while the kubelet lived");
  });
}

/** Notices a Node that was deleted while its machine was there, or while it was not tainted. */
function watchDeletions(it: Healing, broken: string[]): void {
  const { machine } = it.cluster.node(patient);
  it.world.kube.writes.onWrite(({ stage, request }) => {
    if (stage !== "before" || request.method !== "DELETE" || request.kind?.plural !== "nodes") return;
    if (it.cluster.machines.includes(machine)) broken.push("a Node was deleted whose machine is there");
    const taints: ApiObject[] = it.node(request.name ?? "")?.spec.taints ?? [];
    const node = it.node(request.name ?? "");
    if (node !== undefined && !taints.some((taint) => taint.key === "node.kubernetes.io/out-of-service"))
      broken.push("a Node was deleted that was not tainted");
  });
}

function aim(it: Healing, blow: Blow | undefined, base: number): void {
  if (blow === undefined) return;
  if (blow.at === "call") {
    it.provider.onCall = (stage, number) => {
      if (number === blow.number && stage === blow.how) it.world.kube.kill("one");
    };
    return;
  }
  const match = { instance: "one", writeNumber: base + blow.number };
  const { faults } = it.world.kube;
  if (blow.how === "before") faults.add({ match, fault: { kind: "kill", applied: false } });
  else if (blow.how === "after") faults.add({ match, fault: { kind: "kill", applied: true } });
  else if (blow.how === "lost") faults.add({ match, fault: loseAnswer });
  else faults.add({ match, fault: { kind: "reset" } });
}

function judge(it: Healing, scenario: Scenario, writes: readonly string[], broken: string[]): Outcome {
  const status = it.repair(patient)?.status ?? {};
  const calls = it.provider.calls.map((call) => call.operation);
  for (const operation of new Set(calls)) {
    const count = calls.filter((each) => each === operation).length;
    const most = scenario.most[operation] ?? 0;
    if (count > most) broken.push(`${operation} ran ${count} times, ${most} allowed`);
  }
  const ids = it.provider.calls.map((call) => call.id);
  if (new Set(ids).size !== ids.length) broken.push("one intent was carried out twice");
  const outcome = { phase: status.phase ?? "none", reason: status.reason ?? "", writes, calls, broken };
  if (scenario.replacing !== undefined) return judgeReplacement(it, scenario.replacing, outcome);
  const node = it.node(patient);
  const isTainted = (node?.spec.taints ?? []).some(
    (taint: ApiObject) => taint.key === "node.kubernetes.io/out-of-service",
  );
  const isLiving = it.cluster.node(patient).machine.isTalking;
  if (isTainted && isLiving && status.phase !== "Held")
    broken.push(`a living node is still tainted in ${status.phase}`);
  if (status.phase === "Healed" || status.phase === "Recovered") {
    if (node?.spec.unschedulable === true) broken.push(`still cordoned after ${status.phase}`);
    if (node?.metadata.annotations?.["aceso.dev/marks"] !== undefined) broken.push(`marks left after ${status.phase}`);
    if (!isLiving) broken.push(`${status.phase}, but the machine is down`);
  }
  return outcome;
}

/** One machine was replaced by one other, which is in service; or nobody ever asked for it, and nothing was deleted. */
function judgeReplacement(it: Healing, { nameOf }: ReplacerOptions, outcome: Outcome): Outcome {
  const broken = [...outcome.broken];
  if (it.cluster.nodes.length !== 3) broken.push(`there are ${it.cluster.nodes.length} machines instead of 3`);
  const node = it.node(nameOf(patient));
  if (!outcome.calls.includes("replace")) {
    if (outcome.phase !== "Held") broken.push(`${outcome.phase} without a replacement`);
    if (it.node(patient) === undefined) broken.push("the Node was deleted without a replacement");
    return { ...outcome, broken };
  }
  if (outcome.phase !== "Healed" || outcome.reason !== "replaced")
    broken.push(`replaced, but ${outcome.phase} (${outcome.reason})`);
  if (node === undefined || node.spec.unschedulable === true || (node.spec.taints ?? []).length > 0)
    broken.push("the successor is not in service");
  if (nameOf(patient) !== patient && it.node(patient) !== undefined) broken.push("the old Node is still there");
  return { ...outcome, broken };
}
