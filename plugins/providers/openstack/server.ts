import { isRecord, recordIn, textIn, textsIn } from "./json.ts";
import { toServerId } from "./server-id.ts";

/** What Nova says of one server, as far as it matters here. */
export interface Server {
  readonly id: string;
  readonly name: string;
  /** Whose it is: an admin is shown the servers of every project. */
  readonly projectId: string | undefined;
  /** Words of Nova: `ACTIVE`, `SHUTOFF`, … */
  readonly status: string;
  readonly vmState: string | undefined;
  /** Null: no task. Undefined: Nova did not say. */
  readonly taskState: string | null | undefined;
  /** 0 none, 1 running, 3 paused, 4 off, 6 crashed, 7 suspended. */
  readonly powerState: number | undefined;
  /** `UP`, `DOWN`, `UNKNOWN`, `MAINTENANCE`; undefined where policy hides it. */
  readonly hostStatus: string | undefined;
  /** The compute host; undefined where policy hides it. */
  readonly host: string | undefined;
  readonly isLocked: boolean;
  readonly lockedReason: string | undefined;
  readonly fault: string | undefined;
  /** Undefined: it boots from a volume. */
  readonly imageId: string | undefined;
  /** Ids of the attached volumes. */
  readonly volumes: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Undefined: this is no server. Fields that Nova leaves out (a cell that is down) stay undefined. */
export function toServer(value: unknown): Server | undefined {
  if (!isRecord(value)) return undefined;
  const [id, status] = [toServerId(textIn(value, "id") ?? ""), textIn(value, "status")];
  if (id === undefined || status === undefined) return undefined;
  const task = value["OS-EXT-STS:task_state"];
  const power = value["OS-EXT-STS:power_state"];
  const volumes = value["os-extended-volumes:volumes_attached"];
  return {
    id,
    name: textIn(value, "name") ?? "",
    projectId: textIn(value, "tenant_id"),
    status,
    vmState: textIn(value, "OS-EXT-STS:vm_state"),
    taskState: task === null || typeof task === "string" ? task : undefined,
    powerState: typeof power === "number" ? power : undefined,
    hostStatus: textIn(value, "host_status"),
    host: textIn(value, "OS-EXT-SRV-ATTR:host"),
    isLocked: value.locked === true,
    lockedReason: textIn(value, "locked_reason"),
    fault: textIn(recordIn(value, "fault"), "message"),
    imageId: textIn(recordIn(value, "image"), "id"),
    volumes: Array.isArray(volumes)
      ? volumes.flatMap((one) => (isRecord(one) ? [textIn(one, "id") ?? []].flat() : []))
      : [],
    metadata: textsIn(value, "metadata"),
  };
}

/** Nova's own words on how a server is, as `status SHUTOFF, vm_state stopped, power state 4, no task`. */
export function wordsOn(server: Server): string {
  const task = server.taskState === null ? "no task" : `task ${server.taskState ?? "not told"}`;
  const host =
    server.hostStatus === undefined || server.hostStatus === "UP" ? "" : `, compute host ${server.hostStatus}`;
  const fault = server.fault === undefined ? "" : `, fault: ${server.fault}`;
  const power = server.powerState ?? "not told";
  return `status ${server.status}, vm_state ${server.vmState ?? "not told"}, power state ${power}, ${task}${host}${fault}`;
}

/** The compute service of its host has not reported for a while, or was forced down. Where policy hides it: false. */
export function isHostDown({ hostStatus }: Server): boolean {
  return hostStatus === "DOWN" || hostStatus === "UNKNOWN";
}
