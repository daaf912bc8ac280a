import type { Finding, NodeFacts, NodeName, ObservedFailure, ObserverView } from "./model.ts";
import { muteCheck } from "./model.ts";
import { minuteMs, type Now } from "./time.ts";
import type { ProbeSpec } from "./view.ts";

/** A report counts for three rounds, and never for less than three minutes (reports are written on change, else each minute). */
export function isFresh(observer: ObserverView, now: Now): boolean {
  return now.monoMs - observer.changedAtMonoMs <= 3 * Math.max(observer.intervalMs, minuteMs);
}

/** Reports that count: fresh, and of two from the same node only the newer, since the older replica is gone. */
export function freshObservers(observers: readonly ObserverView[], now: Now): readonly ObserverView[] {
  const newest = new Map<string, ObserverView>();
  for (const observer of observers) {
    if (!isFresh(observer, now)) continue;
    const key = observer.node === "" ? `instance ${observer.instance}` : `node ${observer.node}`;
    const known = newest.get(key);
    if (known === undefined || isNewer(observer, known)) newest.set(key, observer);
  }
  return [...newest.values()];
}

function isNewer(a: ObserverView, b: ObserverView): boolean {
  return a.changedAtMonoMs > b.changedAtMonoMs || (a.changedAtMonoMs === b.changedAtMonoMs && a.instance > b.instance);
}

const none: readonly never[] = [];

/** Entries of a list by node. Kept as long as the list: every pass asks each report about every node. */
function byNode<T extends { readonly node: NodeName }>(): (list: readonly T[], node: NodeName) => readonly T[] {
  const known = new WeakMap<readonly T[], ReadonlyMap<NodeName, readonly T[]>>();
  return (list, node) => {
    let entries = known.get(list);
    if (entries === undefined) {
      entries = Map.groupBy(list, (it) => it.node);
      known.set(list, entries);
    }
    return entries.get(node) ?? none;
  };
}

/** What an observer reports as failing of whatever Node bears this name. */
export const failuresOf = byNode<ObservedFailure>();
const unknownOf = byNode<ObserverView["unknown"][number]>();

function failureOf({ failing }: ObserverView, node: NodeFacts, check: string): ObservedFailure | undefined {
  return failuresOf(failing, node.name).find((it) => it.nodeUid === node.uid && it.check === check);
}

function isReported(node: NodeFacts, observers: readonly ObserverView[]): boolean {
  return observers.some(({ failing }) => failuresOf(failing, node.name).length > 0);
}

/** How an observer votes: nothing when it cannot tell, or when it has more reason to suspect itself than the node. */
function voteOf(observer: ObserverView, node: NodeFacts, check: string): ObservedFailure | "pass" | undefined {
  if (observer.suspectsSelf) return undefined;
  const failure = failureOf(observer, node, check);
  if (failure !== undefined) return failure;
  const isUnknown = observer.isTruncated || unknownOf(observer.unknown, node.name).some((it) => it.check === check);
  return isUnknown ? undefined : "pass";
}

function byFirstSeen(a: ObservedFailure, b: ObservedFailure): number {
  return a.firstSeenMonoMs - b.firstSeenMonoMs || (a.message < b.message ? -1 : Number(a.message > b.message));
}

/**
 * Failures of probing checks that count (DESIGN promise 9): more than half of the votes cast agree and at least two
 * observers cast one; with a single replica only on a silent node. `sinceMonoMs` is when the majority was complete.
 */
export function votedFindings(
  node: NodeFacts,
  isSilent: boolean,
  observers: readonly ObserverView[],
  probes: readonly ProbeSpec[],
  now: Now,
): Finding[] {
  const asked = probes.filter((probe) => probe.role === node.role);
  // asked of every node in every pass: hardly any of them fails a probe
  if (asked.length === 0 || !isReported(node, observers)) return [];
  const fresh = freshObservers(observers, now);
  const voters = fresh.filter((observer) => observer.node !== node.name);
  const findings: Finding[] = [];
  for (const probe of asked) {
    const votes = voters.map((observer) => voteOf(observer, node, probe.id)).filter((vote) => vote !== undefined);
    const failures = votes.filter((vote) => vote !== "pass").sort(byFirstSeen);
    const isEnough = votes.length >= 2 || (fresh.length === 1 && votes.length === 1 && isSilent);
    if (!isEnough || failures.length * 2 <= votes.length) continue;
    const completing = failures[Math.floor(votes.length / 2)];
    if (completing === undefined) continue;
    findings.push({
      check: probe.id,
      message: `${failures.length} of ${votes.length} observers: ${completing.message}`,
      sinceMonoMs: completing.firstSeenMonoMs,
      unhealthyDurationMs: probe.unhealthyDurationMs,
    });
  }
  return findings;
}

/**
 * Whether nothing on the node's address answers any observer. Every fresh observer but the node's own must say so;
 * one that cannot tell counts as an answer.
 */
export function isMute(node: NodeFacts, observers: readonly ObserverView[], now: Now): boolean {
  if (!isReported(node, observers)) return false;
  const others = freshObservers(observers, now).filter((observer) => observer.node !== node.name);
  return (
    others.length > 0 &&
    others.every((observer) => !observer.suspectsSelf && failureOf(observer, node, muteCheck) !== undefined)
  );
}
