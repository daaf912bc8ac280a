import { VirtualClock } from "../../support/virtual-clock.ts";
import { SimulatedCloud } from "./cloud.ts";
import type { SimulatedCloudOptions } from "./options.ts";

/** Starts one; `await using cloud = await startSimulatedCloud({ clock })`. A virtual clock waits for calls to it. */
export async function startSimulatedCloud(options: SimulatedCloudOptions): Promise<SimulatedCloud> {
  const cloud = new SimulatedCloud(options);
  await cloud.start();
  if (options.clock instanceof VirtualClock) options.clock.addSource(cloud.calling);
  return cloud;
}
