import type { PowerAnswer, PowerState } from "../../../src/plugin-api/index.ts";
import { isHostDown, type Server, wordsOn } from "./server.ts";

/** `power_state` of Nova. */
const running = 1;
const shutDown = 4;

/**
 * What Nova's record of a server proves. Pure. Off is one combination only; whatever might resume (paused, suspended,
 * shelved, rescued), is broken, or stands on a host that does not report proves nothing.
 */
export function powerOf(server: Server): PowerAnswer {
  const fault = server.status === "ERROR" ? { fault: server.fault ?? "status ERROR" } : {};
  return { power: stateOf(server), text: `${wordsOn(server)}${noteOn(server)}`, ...fault };
}

function stateOf(server: Server): PowerState {
  if (isHostDown(server) || server.taskState === undefined) return "unknown";
  if (server.taskState !== null || server.status === "BUILD") return "changing";
  if (isStopped(server)) return "off";
  return isRunning(server) ? "on" : "unknown";
}

export function isStopped({ status, vmState, powerState, taskState }: Server): boolean {
  return status === "SHUTOFF" && vmState === "stopped" && powerState === shutDown && taskState === null;
}

export function isRunning({ status, vmState, powerState, taskState }: Server): boolean {
  const isActive =
    (status === "ACTIVE" && vmState === "active") || (status === "VERIFY_RESIZE" && vmState === "resized");
  return isActive && powerState === running && taskState === null;
}

function noteOn(server: Server): string {
  if (isHostDown(server)) return "; its host does not report, so this record proves nothing";
  if (server.taskState === "powering-off")
    return "; on a dead host this lasts until the host returns, and then happens";
  return "";
}
