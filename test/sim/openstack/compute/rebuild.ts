import type { Compute } from "./compute.ts";
import { Objection } from "./objection.ts";
import { power, type Server } from "./server.ts";
import type { Step } from "./tasks.ts";
import type { Volume } from "./volume.ts";

export interface RebuildWish {
  readonly imageId: string;
  readonly metadata: Record<string, string> | undefined;
  readonly name: string | undefined;
  /** Microversion 2.93 and later: a boot volume is written anew. */
  readonly mayReimage: boolean;
  readonly requestId: string;
}

/** Begins a rebuild: the same server, its disk new, its power as it was. @throws Objection 400 */
export function beginRebuild(compute: Compute, server: Server, wish: RebuildWish): void {
  const volume = compute.volumes.get(server.volumeId ?? "");
  if (volume !== undefined) checkVolume(volume, wish);
  const wasStopped = server.vmState === "stopped";
  if (wish.metadata !== undefined) server.metadata = { ...wish.metadata };
  if (wish.name !== undefined) server.name = wish.name;
  if (volume === undefined) server.imageId = wish.imageId;
  const reimaged = wish.mayReimage ? volume : undefined;
  if (reimaged !== undefined) reimaged.status = "reserved";
  const action = compute.beginAction(server, "rebuild", "compute_rebuild_instance", wish.requestId);
  compute.tasks.run(server, {
    action,
    steps: [
      { task: "rebuilding", ms: compute.timings.rebuildMs * 0.3 },
      ...(reimaged === undefined ? [] : reimage(compute, reimaged, wish.imageId)),
      { task: "rebuild_spawning", ms: compute.timings.rebuildMs * 0.7, operation: "spawn" },
      // it runs for a moment before it is as stopped as it was
      ...(wasStopped ? [backOff(compute, server)] : []),
    ],
    onDone: () => {
      if (!wasStopped) return compute.booted(server);
      server.vmState = "stopped";
      server.powerState = power.off;
    },
    onFail: (operation) => {
      if (operation === "power_off") return;
      if (operation !== "reimage" || reimaged === undefined) return compute.fail(server, "rebuild failed");
      giveUp(compute, server, reimaged);
    },
  });
}

function checkVolume(volume: Volume, wish: RebuildWish): void {
  if (!wish.mayReimage && wish.imageId !== volume.imageId) {
    throw new Objection(
      400,
      `Image ${wish.imageId} is unacceptable: Unable to rebuild with a different image for a volume-backed server.`,
    );
  }
  if (wish.mayReimage && volume.status !== "in-use") {
    throw new Objection(
      400,
      `Invalid volume: volume '${volume.id}' status must be 'in-use'. Currently in '${volume.status}' status`,
    );
  }
}

function reimage(compute: Compute, volume: Volume, imageId: string): Step[] {
  const { reimageMs } = compute.timings;
  const task = "rebuild_block_device_mapping";
  return [
    { task, ms: reimageMs * 0.3, onEnter: () => setVolume(volume, "reserved") },
    {
      task,
      ms: reimageMs * 0.7,
      operation: "reimage",
      onEnter: () => {
        setVolume(volume, "downloading");
        volume.imageId = imageId;
      },
    },
    { task, ms: 0, onEnter: () => setVolume(volume, "in-use") },
  ];
}

function setVolume(volume: Volume, status: Volume["status"]): void {
  volume.status = status;
}

function backOff(compute: Compute, server: Server): Step {
  return {
    task: "powering-off",
    ms: compute.timings.stopMs,
    operation: "power_off",
    onEnter: () => compute.booted(server),
  };
}

/**
 * Nova waits for the copy, trips over its own exception and leaves a server that looks well, and an instance action that
 * never ends. Only the volume tells.
 */
function giveUp(compute: Compute, server: Server, volume: Volume): void {
  volume.status = "error";
  const action = server.actions.at(-1);
  if (action !== undefined) Object.assign(action, { result: null, message: null, finishedAtWallMs: undefined });
  server.taskState = "rebuild_block_device_mapping";
  compute.schedule.after(compute.timings.reimageGivenUpMs, () => {
    server.taskState = null;
    if (server.vmState === "error") server.vmState = "active";
  });
}
