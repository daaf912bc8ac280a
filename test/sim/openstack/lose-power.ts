import type { SimulatedCloud } from "./cloud.ts";
import { power } from "./compute/server.ts";

/** The server is off at once, and Nova has heard of it from the hypervisor, as of a guest that was switched off from inside. */
export function losePower({ state: { compute } }: SimulatedCloud, id: string): void {
  const server = compute.find(id);
  if (server === undefined) throw new Error(`no server ${id}`);
  compute.tasks.cancel(server);
  Object.assign(server, { vmState: "stopped", powerState: power.off, taskState: null });
}
