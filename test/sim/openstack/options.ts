import type { Clock } from "../../../src/ports/clock.ts";
import type { CloudTimings } from "./timings.ts";

/** Services that a cloud may lack. */
export type OptionalService = "heat" | "magnum" | "cinder";

export interface SimulatedCloudOptions {
  readonly clock: Clock;
  /** Changes of the default durations. */
  readonly timings?: Partial<CloudTimings>;
  /** All of them unless given; Keystone and Nova are always there. */
  readonly services?: readonly OptionalService[];
  /** `RegionOne` unless given. */
  readonly region?: string;
  /** Regions that the catalog lists as well; their endpoints lead nowhere. */
  readonly otherRegions?: readonly string[];
  /** Two unless given, as the reference services have. */
  readonly computeHosts?: number;
  /** Ids follow from it. */
  readonly seed?: string;
}
