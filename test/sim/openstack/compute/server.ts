import type { OperationFault, ServerOperation } from "../../../support/openstack-cloud.ts";
import type { InstanceAction } from "./instance-action.ts";

/** Nova's own word for what a server is; `status` follows from it and the task. */
export type VmState =
  | "building"
  | "active"
  | "stopped"
  | "paused"
  | "suspended"
  | "rescued"
  | "shelved_offloaded"
  | "error"
  | "deleted";

/** Values of `OS-EXT-STS:power_state`. */
export const power = { none: 0, running: 1, paused: 3, off: 4, suspended: 7 } as const;

/** A server as Nova stores it. */
export interface Server {
  readonly id: string;
  name: string;
  readonly projectId: string;
  readonly userId: string;
  /** Empty when its port was taken from it. */
  ip: string;
  readonly createdAtWallMs: number;
  updatedAtWallMs: number;
  launchedAtWallMs: number;
  vmState: VmState;
  taskState: string | null;
  powerState: number;
  host: string;
  /** The latest one, however old; shown in ERROR only. */
  fault: { readonly code: number; readonly created: number; readonly message: string } | undefined;
  metadata: Record<string, string>;
  /** Undefined: booted from the volume. */
  imageId: string | undefined;
  volumeId: string | undefined;
  isLocked: boolean;
  lockedReason: string | null;
  /** How often the machine behind it has booted. */
  boots: number;
  /** Newest last. */
  readonly actions: InstanceAction[];
  readonly faults: Map<ServerOperation, OperationFault>;
}

const rebuilding = ["rebuilding", "rebuild_block_device_mapping", "rebuild_spawning"];
const names: Readonly<Record<VmState, string>> = {
  building: "BUILD",
  active: "ACTIVE",
  stopped: "SHUTOFF",
  paused: "PAUSED",
  suspended: "SUSPENDED",
  rescued: "RESCUE",
  shelved_offloaded: "SHELVED_OFFLOADED",
  error: "ERROR",
  deleted: "DELETED",
};

export const statusNames: readonly string[] = [...Object.values(names), "REBUILD", "REBOOT", "HARD_REBOOT", "UNKNOWN"];

/** What clients see as `status`. */
export function statusOf({ vmState, taskState }: Pick<Server, "vmState" | "taskState">): string {
  if (taskState !== null && rebuilding.includes(taskState)) return "REBUILD";
  if (vmState === "active" && taskState?.startsWith("reboot")) {
    return taskState.endsWith("_hard") ? "HARD_REBOOT" : "REBOOT";
  }
  return names[vmState];
}
