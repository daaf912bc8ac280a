import type { Explanation } from "../../src/core/explain.ts";

export type MachineState = "on" | "off" | "booting" | "hung" | "changing";

/** A machine as the demo's part of the status page shows it. */
export interface PluggedMachine {
  readonly name: string;
  readonly state: MachineState;
}

/** What is shown of one node and its machine. */
export interface NodePicture {
  readonly name: string;
  /** As in the Node: `Ready`, `NotReady`, `Unknown`, or `none` before it is registered. */
  readonly ready: string;
  /** Since the kubelet's last sign of life; undefined before the first. */
  readonly leaseAgeMs: number | undefined;
  readonly machine: MachineState;
  /** Cordon and out-of-service taint. */
  readonly marks: readonly ("cordon" | "out-of-service")[];
  readonly pods: readonly string[];
  /** Replica of Aceso that runs here. */
  readonly replica?: string;
}

export interface EvidencePicture {
  readonly source: string;
  readonly machine: string;
  readonly text: string;
  readonly atWallMs: number;
}

/** A repair as its NodeRepair tells it, and how far it is. */
export interface RepairPicture {
  readonly node: string;
  readonly phase: string;
  /** Phases that this repair has been in, in order, the present one last. */
  readonly passed: readonly { readonly phase: string; readonly ms: number }[];
  readonly ladder: readonly string[];
  readonly rung: string | undefined;
  readonly attempt: number;
  readonly evidence: readonly EvidencePicture[];
}

/** How far the healing of one node is, noticing included. */
export interface Progress {
  readonly node: string;
  readonly passedMs: number;
  /** An estimate from the known durations; undefined while it is held. */
  readonly remainingMs: number | undefined;
  readonly isOver: boolean;
}

/** One line of what was decided or happened, oldest first in a picture. */
export interface NewsLine {
  readonly atWallMs: number;
  /** A replica's name, a service of the cloud, or `you` and `demo`. */
  readonly who: string;
  readonly text: string;
  readonly isWarning?: boolean;
}

/** Everything that one look shows. Plain data: screen and lines are made of it alone. */
export interface Picture {
  readonly wallMs: number;
  readonly elapsedMs: number;
  readonly leader: string | undefined;
  readonly replicas: readonly { readonly name: string; readonly isAlive: boolean }[];
  readonly isPaused: boolean;
  readonly nodes: readonly NodePicture[];
  /** The node that is talked about: under repair, or ill; undefined while all is well. */
  readonly focus: string | undefined;
  readonly repair: RepairPicture | undefined;
  readonly progress: Progress | undefined;
  /** Of the node in focus, as `aceso explain NODE` says it. */
  readonly explanation: Pick<Explanation, "sentence" | "next" | "state"> | undefined;
  /** Other nodes that are not well, as `worker-2: Held (max-unhealthy)`. */
  readonly others: readonly string[];
  readonly news: readonly NewsLine[];
  /** Where the status page is. */
  readonly pageUrl?: string;
}
