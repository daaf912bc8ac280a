import type { NodeName, NodeUid, Verdict } from "../core/model.ts";
import type { WallMs } from "../core/time.ts";
import type { ProbeTarget, Report } from "../ports/reports.ts";

/** The last verdict of one check about one node. */
export interface Sighting {
  readonly node: NodeName;
  readonly nodeUid: NodeUid;
  readonly check: string;
  readonly verdict: Verdict;
  readonly message: string;
  /** When the present unbroken run of this verdict began. */
  readonly sinceWallMs: WallMs;
}

/** Fewer targets than this say nothing about where the trouble is (DESIGN promise 9). */
const fewestTargets = 3;

/** The sighting after a new verdict: the time since when stays while the verdict does. */
export function nextSighting(last: Sighting | undefined, seen: Omit<Sighting, "sinceWallMs">, nowMs: WallMs): Sighting {
  return { ...seen, sinceWallMs: last?.verdict === seen.verdict ? last.sinceWallMs : nowMs };
}

/** Of one target, before anything is known: listed as `unknown`, because what a report leaves out is a vote for health. */
export function unseen(target: ProbeTarget, check: string, nowMs: WallMs): Sighting {
  const { name, uid } = target;
  return { node: name, nodeUid: uid, check, verdict: "unknown", message: "not probed yet", sinceWallMs: nowMs };
}

/**
 * What to publish of all sightings.
 *
 * @returns lists sorted by node and check, so that the same sights always make the same report
 */
export function toReport(
  sightings: Iterable<Sighting>,
  who: Pick<Report, "node" | "instance" | "intervalMs">,
  sweptAtWallMs: WallMs,
): Report {
  const sorted = [...sightings].sort(byNodeAndCheck);
  const failing = sorted.filter((sighting) => sighting.verdict === "fail");
  const targets = new Set(sorted.map((sighting) => sighting.node)).size;
  return {
    ...who,
    sweptAtWallMs,
    targets,
    failing: failing.map(({ node, nodeUid, check, sinceWallMs, message }) => ({
      node,
      nodeUid,
      check,
      sinceWallMs,
      message,
    })),
    unknown: sorted.filter(({ verdict }) => verdict === "unknown").map(({ node, check }) => ({ node, check })),
    suspectsSelf: suspectsSelf(new Set(failing.map(({ node }) => node)).size, targets),
  };
}

/** More than half of at least three targets look bad: more likely it is us. */
export function suspectsSelf(failing: number, targets: number): boolean {
  return targets >= fewestTargets && failing * 2 > targets;
}

function byNodeAndCheck(a: Sighting, b: Sighting): number {
  if (a.node !== b.node) return a.node < b.node ? -1 : 1;
  if (a.check === b.check) return 0;
  return a.check < b.check ? -1 : 1;
}
