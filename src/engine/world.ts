import type { NodeName } from "../core/model.ts";
import type { RepairRecord } from "../core/record.ts";
import type { ClusterView } from "../core/view.ts";
import type { Provider } from "../plugin-api/provider.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventRecorder } from "../ports/events.ts";
import type { Term } from "../ports/leadership.ts";
import type { Log } from "../ports/log.ts";
import type { Meter } from "../ports/meter.ts";
import type { NodeControl, Workloads } from "../ports/node-control.ts";
import type { NodeWatch } from "../ports/nodes.ts";
import type { PauseSource } from "../ports/pause.ts";
import type { Journal } from "../ports/repairs.ts";
import type { ReportWatch } from "../ports/reports.ts";
import type { Machines } from "./machines.ts";
import type { Replacements } from "./replacements.ts";

/** The adapters of one term of leadership. */
export interface World {
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly events: EventRecorder;
  readonly nodes: NodeWatch;
  readonly control: NodeControl;
  readonly workloads: Workloads;
  readonly journal: Journal;
  readonly reports: ReportWatch;
  readonly pause: PauseSource;
  /** Undefined: local fencing. */
  readonly provider: Provider | undefined;
  /** Whether the API server is known to be too old for the out-of-service taint. */
  readonly isServerTooOld: () => boolean;
  /** Unique text for a repair or an intent. */
  readonly newId: () => string;
}

/** What the parts of the engine share during a term. */
export interface Shift extends World {
  readonly term: Term;
  readonly instance: string;
  readonly machines: Machines | undefined;
  /** Undefined: the provider's replacements are not followed. */
  readonly replacements: Replacements | undefined;
  /** The present view; built anew at each call. */
  readonly view: () => ClusterView;
  /** Reads etcd's pods into the view. */
  readonly readEtcd: (signal: AbortSignal) => Promise<void>;
  /** Reads the PersistentVolumes tied to a node into the view. */
  readonly readPinnedVolumes: (node: NodeName, signal: AbortSignal) => Promise<void>;
}

/** Longest wait for a read or write of a record. */
export const journalTimeoutMs = 15_000;

/** Whose hand a record shows that is written now. */
export function writerOf({ instance, term }: Shift): Pick<RepairRecord, "leader" | "leaseTransitions"> {
  return { leader: instance, leaseTransitions: term.transitions };
}
