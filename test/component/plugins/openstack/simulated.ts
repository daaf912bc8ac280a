import { systemClock } from "../../../../src/app/clock.ts";
import type { SimulatedCloud } from "../../../sim/openstack/cloud.ts";
import type { SimulatedCloudOptions } from "../../../sim/openstack/options.ts";
import { startSimulatedCloud } from "../../../sim/openstack/start.ts";

/** Shorter than the real services need, in the same proportions. */
const quick = {
  ...{
    stopMs: 60,
    startMs: 120,
    rebootMs: 120,
    rebuildMs: 120,
    evacuateMs: 120,
    deleteServerMs: 60,
    createServerMs: 100,
  },
  ...{
    reimageMs: 150,
    reimageGivenUpMs: 300,
    stackUpdateMs: 400,
    foreignUpdateMs: 1_500,
    stackDeleteMs: 100,
    magnumLagMs: 150,
    magnumPollMs: 150,
  },
};

/** A simulated cloud on the real clock. */
export function simulatedCloud(options: Partial<SimulatedCloudOptions> = {}): Promise<SimulatedCloud> {
  return startSimulatedCloud({ clock: systemClock, timings: quick, ...options });
}
