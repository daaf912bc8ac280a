import { type Compute, noHost } from "./compute.ts";
import { Objection } from "./objection.ts";
import { power, type Server } from "./server.ts";

/** Begins to build the server anew on another host. @throws Objection 400, 404 */
export function beginEvacuation(compute: Compute, server: Server, to: string | undefined, requestId: string): void {
  const { hosts } = compute;
  const old = compute.hostOf(server);
  if (hosts.stateOf(old) === "up") throw new Objection(400, `Compute service of ${old.name} is still in use.`);
  const wanted = to === undefined ? undefined : hosts.find(to);
  if (to !== undefined && wanted === undefined) throw new Objection(404, `Compute host ${to} could not be found.`);
  if (wanted === old) throw new Objection(400, "The target host can't be the same one.");
  const next = wanted ?? hosts.choose(old);
  const wasStopped = server.vmState === "stopped";
  const action = compute.beginAction(server, "evacuate", "compute_rebuild_instance", requestId);
  if (next === undefined) {
    server.taskState = null;
    compute.tasks.cancel(server);
    action.result = "Error";
    compute.fail(server, noHost);
    return;
  }
  old.hasEvacuations = true;
  server.host = next.name;
  compute.tasks.run(server, {
    action,
    steps: [
      { task: "rebuilding", ms: compute.timings.evacuateMs * 0.3 },
      { task: "rebuild_spawning", ms: compute.timings.evacuateMs * 0.7, operation: "spawn" },
    ],
    onDone: () => {
      compute.booted(server);
      if (!wasStopped) return;
      server.vmState = "stopped";
      server.powerState = power.off;
    },
    onFail: () => compute.fail(server, "rebuild failed"),
  });
}
