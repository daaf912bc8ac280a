import type { NodeFacts, NodeName } from "./model.ts";
import type { RepairRecord } from "./record.ts";
import type { ClusterView } from "./view.ts";

export const pausedAnnotation = "aceso.dev/paused";
export const pausedUntilAnnotation = "aceso.dev/paused-until";
export const pausedByAnnotation = "aceso.dev/paused-by";

/** A pause in force. */
export interface Pause {
  readonly scope: "cluster" | "node" | "repair";
  /** One line for people: reason, author, end. */
  readonly text: string;
  readonly reason: string;
  readonly by: string | undefined;
  /** When it ends, if it says when; compared with a clock that does not jump. */
  readonly untilWallMs: number | undefined;
}

/** One sentence about a pause. */
export function pauseText({ scope, text }: Omit<Pause, "reason" | "by">): string {
  return `Pause of the ${scope}: ${text}.`;
}

/**
 * Reads `aceso.dev/paused` (any text but `false`) and its end. An end that cannot be read means: paused, no end.
 *
 * @param wallMs the cautious wall clock: a clock that jumps forward ends no pause
 */
export function readPause(
  annotations: Readonly<Record<string, string>>,
  scope: Pause["scope"],
  wallMs: number,
): Pause | undefined {
  const reason = annotations[pausedAnnotation];
  const untilText = annotations[pausedUntilAnnotation];
  if ((reason === undefined && untilText === undefined) || reason === "false") return undefined;
  const untilWallMs = untilText === undefined ? undefined : parseMoment(untilText);
  if (untilWallMs !== undefined && wallMs >= untilWallMs) return undefined;
  const by = annotations[pausedByAnnotation];
  const said = reason === undefined || reason === "" || reason === "true" ? "no reason given" : reason;
  const text = [said, by && `by ${by}`, untilText && `until ${untilText}`].filter(Boolean).join(", ");
  return { scope, text, reason: said, by: by || undefined, untilWallMs };
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function parseMoment(text: string): number | undefined {
  const wallMs = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(wallMs) ? undefined : wallMs;
}

/** The pause that holds this node, widest scope first. What cannot be read counts as paused. */
export function pauseOf(
  node: NodeFacts | undefined,
  record: RepairRecord | undefined,
  view: Pick<ClusterView, "cluster" | "cautiousWallMs">,
): Pause | undefined {
  const { cluster, cautiousWallMs } = view;
  if (cluster.kind === "unreadable") {
    const reason = `the DaemonSet cannot be read (${cluster.problem})`;
    return { scope: "cluster", text: reason, reason, by: undefined, untilWallMs: undefined };
  }
  const ofCluster = cluster.kind === "read" ? readPause(cluster.annotations, "cluster", cautiousWallMs) : undefined;
  if (ofCluster !== undefined) return ofCluster;
  const ofNode = node === undefined ? undefined : readPause(node.annotations, "node", cautiousWallMs);
  if (ofNode !== undefined) return ofNode;
  if (record?.wishes.paused !== true) return undefined;
  return pauseOfRepair(record);
}

/** The pause in the NodeRepair's own spec. */
function pauseOfRepair({ wishes }: RepairRecord): Pause {
  const reason = wishes.reason ?? "no reason given";
  return { scope: "repair", text: reason, reason, by: wishes.requestedBy, untilWallMs: undefined };
}

/** A pause in force, and the node that it stands on. */
export interface StandingPause extends Pause {
  readonly node: NodeName | undefined;
}

/** All pauses in force: the cluster's, then those of nodes, then those of repairs. */
export function standingPauses(
  view: Pick<ClusterView, "cluster" | "nodes" | "records" | "cautiousWallMs">,
): StandingPause[] {
  const ofCluster = pauseOf(undefined, undefined, view);
  const found: StandingPause[] = ofCluster === undefined ? [] : [{ ...ofCluster, node: undefined }];
  for (const node of view.nodes.values()) {
    const pause = readPause(node.annotations, "node", view.cautiousWallMs);
    if (pause !== undefined) found.push({ ...pause, node: node.name });
  }
  for (const [name, stored] of view.records) {
    if (stored.kind === "record" && stored.record.wishes.paused === true)
      found.push({ ...pauseOfRepair(stored.record), node: name });
  }
  return found;
}

/** Annotations to set; null removes one. */
export type AnnotationChange = Readonly<Record<string, string | null>>;

/** Sets a pause. It replaces an earlier one whole: its end must not outlive it. `until`: RFC 3339. */
export function pauseAnnotations(reason: string, until: string | undefined, by: string): AnnotationChange {
  return { [pausedAnnotation]: reason, [pausedUntilAnnotation]: until ?? null, [pausedByAnnotation]: by };
}

export const resumeAnnotations: AnnotationChange = {
  [pausedAnnotation]: null,
  [pausedUntilAnnotation]: null,
  [pausedByAnnotation]: null,
};
