import type { ApiObject } from "../../support/api-client.ts";
import { hasOutOfServiceTaint } from "../../support/recorder.ts";
import { base } from "../plugins/libvirt/rig.ts";
import { type DomainHealing, startDomainHealing } from "./domain-healing.ts";

/**
 * Where the acting replica dies, or loses an answer, in a rebuild: at its n-th call to libvirt, or its n-th write to the
 * API server. `before`: what it asked for does not happen.
 */
export interface Blow {
  readonly at: "call" | "write";
  /** From 1; the intent itself is not counted. */
  readonly number: number;
  readonly how: "before" | "after" | "lost";
}

export interface RebuildOutcome {
  readonly phase: string;
  readonly reason: string;
  /** Numbers of the procedures that the first replica called, in order, from the intent to rebuild to its result. */
  readonly calls: readonly number[];
  /** Its writes from that intent on. */
  readonly writes: number;
  /** What was done to the domains after the machine had been fenced. */
  readonly deeds: readonly string[];
  /** Broken promises, one sentence each. */
  readonly broken: readonly string[];
}

export interface RebuildWish {
  /** Attempts at the rung, 2 where nothing is said. */
  readonly attempts?: number;
  /** Called when the repair has come to its first end, with what a person may do then. */
  readonly atEnd?: (it: DomainHealing) => Promise<void>;
}

export const patient = "b";
const disk = `/nodes/${patient}.qcow2`;
const limitMs = 3_600_000;
const deleteVolume = 94;

/** Plays the rebuild of one node whose guest hangs, with at most one blow, to its end. */
export async function playRebuild(
  blow: Blow | undefined,
  { attempts = 2, atEnd }: RebuildWish = {},
): Promise<RebuildOutcome> {
  await using it = await startDomainHealing(["a", patient], {
    ladder: { worker: ["rebuild"] },
    attempts: { rebuild: attempts },
  });
  const { clock, kube } = it.world;
  const { hypervisor } = it.daemon;
  const broken = watchLaws(it);
  const first = await it.startReplica("one", "a");
  await clock.advance(15_000);
  const calls: number[] = [];
  let intentWrite = Number.NaN;
  const isRebuilding = () => {
    const { intent, result } = it.repair(patient)?.status ?? {};
    return intent?.effect === "rebuild" && result?.id !== intent.id && !kube.isKilled(first.name);
  };
  const strike = (how: Blow["how"]) => {
    if (blow?.at !== "call" || blow.number !== calls.length || blow.how !== how) return undefined;
    if (how !== "lost") kube.kill(first.name);
    return "lost";
  };
  it.daemon.before = (procedure) => {
    if (procedure === deleteVolume && it.domain(patient).state !== 5)
      broken.push("a disk was deleted under a running machine");
    if (!isRebuilding()) return undefined;
    calls.push(procedure);
    return strike("before");
  };
  it.daemon.after = () => (isRebuilding() ? (strike("after") ?? strike("lost")) : undefined);
  kube.writes.onWrite(({ stage, request }) => {
    const isIntent = (request.body as ApiObject)?.status?.intent?.effect === "rebuild";
    if (!isIntent || stage !== "before" || request.instance !== first.name || !Number.isNaN(intentWrite)) return;
    intentWrite = request.writeNumber;
    if (blow?.at !== "write") return;
    const match = { instance: first.name, writeNumber: intentWrite + blow.number };
    kube.faults.add({ match, fault: { kind: "kill", applied: blow.how === "after" } });
  });

  it.nodes.node(patient).machine.hang();
  const isOver = () => /Healed|Recovered|Held/.test(it.repair(patient)?.status?.phase ?? "");
  const isKilled = () => kube.isKilled(first.name);
  await clock.runUntil(() => isKilled() || isOver(), limitMs, "the blow or the end");
  if (isKilled()) await it.startReplica("two", "a");
  await clock.runUntil(isOver, limitMs, "the end of the repair");
  await atEnd?.(it);
  const deedsAtEnd = hypervisor.deeds.length;
  await clock.advance(30_000);
  if (hypervisor.deeds.length > deedsAtEnd) broken.push("something was done to a machine after the end");
  const { phase, reason } = it.repair(patient)?.status ?? {};
  const deeds = hypervisor.deeds.slice(1);
  const writes = kube.writes.of(first.name) - intentWrite;
  return { phase, reason, calls, writes, deeds, broken: [...broken, ...judge(it)] };
}

/** @returns broken promises; grows */
function watchLaws(it: DomainHealing): string[] {
  const broken: string[] = [];
  const { kube } = it.world;
  const isOff = () => it.domain(patient).state === 5;
  kube.writes.onWrite(({ stage, request, code = 500 }) => {
    if (stage !== "after" || code >= 300 || request.kind?.plural !== "nodes" || request.name !== patient) return;
    const isTainting = hasOutOfServiceTaint((request.body as ApiObject) ?? {});
    if (isTainting && /^(one|two)$/.test(request.instance) && !isOff()) broken.push("tainted while the machine was on");
  });
  return broken;
}

function judge(it: DomainHealing): readonly string[] {
  const { hypervisor } = it.daemon;
  const broken = hypervisor.deeds
    .filter((deed) => !deed.includes(` ${patient}`) && !deed.includes(disk))
    .map((deed) => `another machine was touched: ${deed}`);
  const destroyed = hypervisor.deeds.filter((deed) => deed.startsWith("destroy"));
  if (destroyed.length !== 1) broken.push(`destroyed ${destroyed.length} times`);
  if (it.repair(patient)?.status.phase !== "Healed") return broken;
  const volume = hypervisor.volumes.get(disk);
  const node = it.node(patient);
  if (it.domain(patient).state !== 1) broken.push("healed, and the machine does not run");
  if (volume?.boots !== 1) broken.push(`healed with a disk that was booted ${volume?.boots} times`);
  if (volume?.backingPath !== base) broken.push(`healed with a disk over ${volume?.backingPath}`);
  if (node?.spec.unschedulable === true || hasOutOfServiceTaint(node ?? {})) broken.push("healed, and not in service");
  if (node?.metadata.annotations?.["aceso.dev/marks"] !== undefined) broken.push("healed with marks left");
  return broken;
}
