import type { Candidate, Guard } from "./candidate.ts";
import { type Hold, hold } from "./hold.ts";
import type { NodeName } from "./model.ts";
import { isActive, openIntent, type RepairRecord } from "./record.ts";
import { secondMs } from "./time.ts";
import type { ClusterView, InterlockSight } from "./view.ts";

type Stops = Extract<InterlockSight, { kind: "locked" }>["stops"];

const anyLock: readonly Stops[] = ["destruction", "machine", "everything"];

/** The owner's reason against an act that each of these interlocks stops. One that was never asked for counts as the widest. */
export function interlockHold(
  view: Pick<ClusterView, "interlocks">,
  node: NodeName,
  stoppedBy: readonly Stops[],
): Hold | undefined {
  if (view.interlocks === undefined) return undefined;
  const sight = view.interlocks.get(node) ?? notAsked;
  return sight.kind === "locked" && stoppedBy.includes(sight.stops)
    ? hold("interlock", `${sight.because}.`)
    : undefined;
}

/** Said of a provider that will be asked at once. */
export const notAskedYet = "It was not asked yet.";

const notAsked = { kind: "locked", stops: "everything", because: notAskedYet.slice(0, -1) } as const;

/** A hold that lasts only until the provider has answered. */
export function isUnansweredYet({ reason, message }: Hold): boolean {
  return (reason === "interlock" || reason === "machine-unknown") && message.endsWith(notAskedYet);
}

const unless =
  (...stoppedBy: readonly Stops[]): Guard =>
  ({ view, node }) =>
    interlockHold(view, node.name, stoppedBy);

/** For whatever a pause stops, too. */
export const ownerAllowsAnything = unless("everything");
/** For switching a machine on. */
export const ownerAllowsPowerOn = unless("machine", "everything");
/** For what ends or risks a running machine, or its disk. */
export const ownerAllowsDestruction = unless(...anyLock);

/** For the beginning of a repair. To free what a machine that is off holds is no act on the owner. */
export const ownerAllowsStart: Guard = (it: Candidate, now) =>
  it.isFoundOff ? ownerAllowsAnything(it, now) : ownerAllowsDestruction(it, now);

/** A node that is the successor in a replacement under way belongs to that repair. */
export const notBeingMade: Guard = ({ view, node }) => {
  const claim = view.machines.get(node.name);
  const ids = [node.providerID, node.systemUUID, claim?.kind === "known" ? claim.machine : ""].map((it) =>
    it.toLowerCase(),
  );
  for (const stored of view.records.values()) {
    if (stored.kind !== "record" || stored.record.node === node.name || !isActive(stored.record)) continue;
    const successor = stored.record.replacement?.successor?.toLowerCase();
    if (successor !== undefined && ids.some((id) => id.includes(successor))) {
      return hold("replacement-under-way", `It takes the place of ${stored.record.node}.`);
    }
  }
  return undefined;
};

/** An owner may show a replacement only so long after it was asked for, and a second one would cancel the first. */
export const unseenReplacementMs = 30 * secondMs;

/**
 * Replacements take turns, whoever asks for them: the one before may have been asked for by a leader that is gone. Of
 * two that are about to be asked for the one that was written down first goes on.
 */
export const replacementsInTurn: Guard = ({ view, node, record }, now) => {
  for (const stored of view.records.values()) {
    if (stored.kind !== "record" || stored.record.node === node.name || !isActive(stored.record)) continue;
    const other = stored.record;
    if (!isBefore(other, record)) continue;
    const leftMs = askedLastAtWallMs(other) + unseenReplacementMs - view.cautiousWallMs;
    if (leftMs > 0)
      return hold("replacement-under-way", `That of ${other.node} may not show yet.`, now.monoMs + leftMs);
  }
  return undefined;
};

/** When the owner may be asked, or was asked, at the latest: a call may be sent until its result is written. */
function askedLastAtWallMs(other: RepairRecord): number {
  const { replacement, result } = other;
  const intent = openIntent(other);
  const mayStillBeSentMs = intent?.effect === "replace" ? intent.startedAtWallMs + intent.deadlineMs : 0;
  const endedAtWallMs = result?.effect === "replace" ? result.endedAtWallMs : 0;
  return Math.max(replacement?.atWallMs ?? 0, mayStillBeSentMs, endedAtWallMs);
}

function isBefore(other: RepairRecord, own: RepairRecord | undefined): boolean {
  const [its, ours] = [other.replacement, own?.replacement];
  if (its === undefined) return false;
  const isAsking = own !== undefined && openIntent(own)?.effect === "replace";
  if (!isAsking || ours === undefined || its.atWallMs < ours.atWallMs) return true;
  return its.atWallMs === ours.atWallMs && other.node < own.node;
}
