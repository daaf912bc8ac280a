import type { Compute } from "./compute.ts";
import { power, type Server } from "./server.ts";

/** Begins what was accepted. `requestId` is how the instance action is found afterwards. */
export type Begin = (compute: Compute, server: Server, requestId: string) => void;

export const beginStop: Begin = (compute, server, requestId) => {
  compute.tasks.run(server, {
    action: compute.beginAction(server, "stop", "compute_stop_instance", requestId),
    steps: [{ task: "powering-off", ms: compute.timings.stopMs, operation: "power_off" }],
    onDone: () => {
      server.vmState = "stopped";
      server.powerState = power.off;
    },
    // the server stays as it was, and nothing in it tells until it is in ERROR for another reason
    onFail: () => undefined,
  });
};

export const beginStart: Begin = (compute, server, requestId) => {
  compute.tasks.run(server, {
    action: compute.beginAction(server, "start", "compute_start_instance", requestId),
    steps: [{ task: "powering-on", ms: compute.timings.startMs, operation: "power_on" }],
    onDone: () => compute.booted(server),
    onFail: () => undefined,
  });
};

export const beginSoftReboot: Begin = (compute, server, requestId) =>
  reboot(compute, server, requestId, ["rebooting", "reboot_started"]);

export const beginHardReboot: Begin = (compute, server, requestId) =>
  reboot(compute, server, requestId, ["rebooting_hard", "reboot_started_hard"]);

function reboot(compute: Compute, server: Server, requestId: string, [first, second]: [string, string]): void {
  const action = compute.beginAction(server, "reboot", "compute_reboot_instance", requestId);
  const { rebootMs } = compute.timings;
  compute.tasks.run(server, {
    action,
    steps: [
      { task: first, ms: rebootMs * 0.2 },
      { task: second, ms: rebootMs * 0.8, operation: "reboot" },
    ],
    onDone: () => compute.booted(server),
    onFail: () => {
      if (server.powerState !== power.running) return compute.fail(server, "reboot failed");
      // still running: Nova calls that a success
      action.result = "Success";
      action.message = null;
    },
  });
}

/** Pause, suspend, rescue, shelve and their ways back: done at once. */
export function settle(server: Server, name: string): void {
  const ends = {
    pause: ["paused", power.paused],
    unpause: ["active", power.running],
    suspend: ["suspended", power.suspended],
    resume: ["active", power.running],
    rescue: ["rescued", power.running],
    unrescue: ["active", power.running],
    shelve: ["shelved_offloaded", power.off],
    unshelve: ["active", power.running],
  } as const;
  const [vmState, powerState] = ends[name as keyof typeof ends];
  server.vmState = vmState;
  server.powerState = powerState;
  if (["rescue", "unrescue", "unshelve"].includes(name)) server.boots += 1;
}
