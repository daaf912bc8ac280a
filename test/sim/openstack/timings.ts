/** How long things take, in milliseconds on the clock. */
export interface CloudTimings {
  readonly tokenLifetimeMs: number;
  /** A hypervisor's work: stop, start, reboot, and the spawning part of a rebuild. */
  readonly stopMs: number;
  readonly startMs: number;
  readonly rebootMs: number;
  readonly rebuildMs: number;
  /** Writing a boot volume anew, and until a failed copy is given up. */
  readonly reimageMs: number;
  readonly reimageGivenUpMs: number;
  readonly evacuateMs: number;
  readonly createServerMs: number;
  /** From the DELETE to the first 404. */
  readonly deleteServerMs: number;
  /** A compute service that has not reported for so long counts as down. */
  readonly serviceDownMs: number;
  /** A stack update, also one that has nothing to do. */
  readonly stackUpdateMs: number;
  /** An update that somebody else begins lasts at least this long. */
  readonly foreignUpdateMs: number;
  readonly stackDeleteMs: number;
  /** After it accepted a resize, so long Magnum still shows the old status. */
  readonly magnumLagMs: number;
  /** Magnum learns of the end of a stack's work at its next look. */
  readonly magnumPollMs: number;
}

/** What the reference services need, with a hypervisor that only pretends: a lower bound. */
export const defaultTimings: CloudTimings = {
  tokenLifetimeMs: 3_600_000,
  stopMs: 300,
  startMs: 1_300,
  rebootMs: 1_200,
  rebuildMs: 1_200,
  reimageMs: 4_000,
  reimageGivenUpMs: 22_000,
  evacuateMs: 1_500,
  createServerMs: 1_500,
  deleteServerMs: 1_300,
  serviceDownMs: 60_000,
  stackUpdateMs: 30_000,
  foreignUpdateMs: 15_000,
  stackDeleteMs: 10_000,
  magnumLagMs: 3_500,
  magnumPollMs: 10_000,
};
