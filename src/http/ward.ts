import type { Explanation } from "../core/explain.ts";
import type { NodeName, Role, Rung } from "../core/model.ts";
import type { Outcome, Phase } from "../core/record.ts";

/** Times are RFC 3339 in UTC, of the server's clock. */
type Time = string;

/** What the status page shows: the ward round over all nodes. `GET /api/v1/ward`, and each event of its stream. */
export interface Ward {
  readonly asOf: Time;
  /** Grows with each change of what is shown; a page that already has this number has nothing to draw. */
  readonly revision: number;
  readonly version: string;
  readonly servedBy: { readonly instance: string; readonly node: NodeName | null; readonly isLeader: boolean };
  readonly leader: { readonly instance: string; readonly renewedAt: Time; readonly isAlive: boolean } | null;
  readonly isDryRun: boolean;
  /** "none": fencing without a provider. */
  readonly provider: string;
  readonly configSource: string;
  /** What could not be read or known, one line each. */
  readonly notes: readonly string[];
  readonly pauses: readonly WardPause[];
  readonly observers: readonly WardObserver[];
  readonly nodes: {
    readonly total: number;
    readonly notWell: number;
    readonly byState: Readonly<Record<string, number>>;
  };
  /** Nodes that a person should know of, most urgent first; at most 500, `nodes.notWell` counts all. */
  readonly patients: readonly WardPatient[];
  /** The last repairs of the cluster that ended, newest first, at most 20. */
  readonly timeline: readonly WardRepair[];
}

export interface WardPause {
  readonly scope: "cluster" | "node" | "repair";
  readonly node: NodeName | null;
  readonly reason: string;
  readonly by: string | null;
  readonly until: Time | null;
}

export interface WardObserver {
  readonly instance: string;
  readonly node: NodeName;
  readonly isFresh: boolean;
  readonly seenAt: Time;
  readonly suspectsSelf: boolean;
  /** Names of the nodes it reports as failing, at most 20; `failingCount` counts all. */
  readonly failing: readonly NodeName[];
  readonly failingCount: number;
}

/** One node that is not plainly well. The texts are those of `aceso explain`. */
export interface WardPatient extends Omit<Explanation, "next"> {
  readonly role: Role | null;
  readonly next: { readonly what: string; readonly at: Time | null };
  readonly isPaused: boolean;
  readonly repair: WardRepairNow | null;
}

export interface WardRepairNow {
  readonly id: string;
  readonly phase: Phase;
  readonly phaseStartedAt: Time;
  readonly startedAt: Time;
  readonly ladder: readonly Rung[];
  readonly rung: Rung | null;
  readonly attempt: number;
  readonly reason: string;
  readonly message: string;
  /** Newest last. Proof that the machine is off, or why there is none. */
  readonly evidence: readonly {
    readonly source: string;
    readonly value: string;
    readonly text: string;
    readonly readAt: Time;
  }[];
  /** Phases that this repair was in so far, in order; the last one has no end. */
  readonly phases: readonly WardPhase[];
}

export interface WardPhase {
  readonly phase: Phase;
  readonly startedAt: Time;
  readonly endedAt: Time | null;
}

export interface WardRepair {
  readonly node: NodeName;
  readonly startedAt: Time;
  readonly endedAt: Time;
  readonly outcome: Outcome;
  readonly rung: Rung | null;
  readonly reason: string;
  /** Empty for repairs that were recorded before phases were kept. */
  readonly phases: readonly WardPhase[];
}

/** One page of `GET /api/v1/nodes?search=text&limit=50`: any nodes, the well ones too, by name. */
export interface WardNodes {
  readonly asOf: Time;
  readonly total: number;
  readonly nodes: readonly {
    readonly name: NodeName;
    readonly role: Role;
    readonly state: string;
    readonly reason: string;
  }[];
}

/** `GET /api/v1/nodes/NAME`: the node as among the patients, and what else `aceso explain NAME -o json` prints. */
export interface WardNode extends WardPatient {
  readonly next: WardPatient["next"] & { readonly afterSeconds?: number };
  readonly asOf: Time;
  readonly leader: string | null;
  readonly config: string;
  readonly notes: readonly string[];
}

/** `GET /api/v1/me`: whose token was sent as `Authorization: Bearer …`, and which changes it allows. */
export interface WardPerson {
  readonly name: string;
  readonly mayPauseCluster: boolean;
  readonly mayPauseNodes: boolean;
  readonly mayRepair: boolean;
}

/**
 * Body of `POST /api/v1/pause|resume` (the cluster) and `POST /api/v1/nodes/NAME/pause|resume|repair`. With the headers
 * `Authorization: Bearer …`, `Content-Type: application/json` and `X-Aceso-Request` with any text.
 */
export interface WardWish {
  readonly reason?: string;
  /** Of a pause: RFC 3339, in the future. Without it the pause lasts until somebody resumes. */
  readonly until?: string;
  /** Of a pause, instead of `until`: a duration such as `30m`. */
  readonly for?: string;
  /** Of a repair, needed on a held node: leave `Held` with fresh attempts. */
  readonly releaseHold?: boolean;
}

/** Answer to a change that was made. */
export interface WardDone {
  /** One sentence. */
  readonly message: string;
}

/** Answer with any status from 400 on. */
export interface WardError {
  /** For programs. */
  readonly code: string;
  /** One sentence. */
  readonly message: string;
}

/** Event `problem` of the stream: the cluster cannot be read now; what was shown stays as it was. */
export interface WardProblem {
  readonly message: string;
}
