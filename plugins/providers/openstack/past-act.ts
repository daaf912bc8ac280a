import type { OpenStackSession } from "../../shared/openstack/session.ts";
import type { AskedAct, AskedActs } from "./asked-acts.ts";
import type { InstanceAction, Nova } from "./nova.ts";
import { isRunning, isStopped } from "./power.ts";
import type { Server } from "./server.ts";
import { readVolume } from "./volume.ts";

/**
 * Why the last act that this process asked of a server has failed, in Nova's words. Undefined while it is under way, when
 * it worked, and when Nova does not tell.
 */
export async function failureOf(
  server: Server,
  parts: { readonly nova: Nova; readonly asked: AskedActs; readonly session: OpenStackSession },
  signal: AbortSignal,
): Promise<string | undefined> {
  const asked = parts.asked.last(server.id);
  if (asked === undefined || asked.isUncertain || asked.isFulfilled || server.taskState !== null) return undefined;
  if (isFulfilled(asked, server)) {
    // A boot volume may have come out broken although the server runs.
    const broken = asked.volume === undefined ? undefined : await brokenVolume(asked.volume, parts.session, signal);
    if (broken === undefined) parts.asked.fulfilled(server.id);
    return broken;
  }
  if (server.status === "ERROR")
    return `${asked.kind} (${asked.requestId}) left status ERROR: ${server.fault ?? "no fault told"}`;
  if (asked.requestId === "" || (asked.kind !== "stop" && asked.kind !== "start")) return undefined;
  const action = await parts.nova.action(server.id, asked.requestId, signal);
  return action === undefined ? undefined : failureIn(action);
}

/** Pure. */
export function failureIn({ action, message, events, requestId }: InstanceAction): string | undefined {
  const failed = events.find(({ result }) => result?.toLowerCase().startsWith("error"));
  if (message?.toLowerCase() !== "error" && failed === undefined) return undefined;
  const event = failed === undefined ? "" : `, ${failed.event}`;
  return `Nova's ${action} failed (Error${event}, ${requestId})`;
}

function isFulfilled({ kind }: AskedAct, server: Server): boolean {
  if (kind === "stop") return isStopped(server);
  if (kind === "start" || kind === "reboot") return isRunning(server);
  return isRunning(server) || isStopped(server);
}

async function brokenVolume(id: string, session: OpenStackSession, signal: AbortSignal): Promise<string | undefined> {
  const { status } = await readVolume(session, id, signal);
  if (!status.startsWith("error")) return undefined;
  return `rebuild left boot volume ${id} in status ${status}: it was not written anew; an admin must reset it`;
}
