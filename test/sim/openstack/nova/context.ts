import type { Compute } from "../compute/compute.ts";
import type { Server } from "../compute/server.ts";
import { json, Refusal } from "../http/answer.ts";
import type { CloudRequest } from "../http/request.ts";
import type { Caller } from "../identity/caller.ts";

/** A call to Nova whose caller and version are known. */
export interface NovaCall {
  readonly compute: Compute;
  readonly caller: Caller;
  /** 79 for 2.79. */
  readonly minor: number;
  readonly request: CloudRequest;
  /** The public image that servers are built from, and whatever else a rebuild may name. */
  readonly images: ReadonlySet<string>;
}

const keys: Readonly<Record<number, string>> = {
  400: "badRequest",
  403: "forbidden",
  404: "itemNotFound",
  409: "conflictingRequest",
};

export function refuse(code: number, message: string): Refusal {
  const headers = { "Content-Type": "application/json; charset=UTF-8" };
  return new Refusal(json(code, { [keys[code] ?? "computeFault"]: { code, message } }, headers));
}

/** @throws Refusal 403 */
export function needAdmin(call: NovaCall, policy: string): void {
  if (call.caller.isAdmin) return;
  throw refuse(403, `Policy doesn't allow ${policy} to be performed.`);
}

/** @throws Refusal 404, also for servers of other projects */
export function serverOf(call: NovaCall, id: string, isForAction = false): Server {
  const server = call.compute.find(id);
  const isHidden = server?.projectId !== call.caller.projectId && !call.caller.isAdmin;
  if (server !== undefined && !isHidden) return server;
  throw refuse(404, `Instance ${id} ${isForAction ? "has no mapping to a cell." : "could not be found."}`);
}

/** The same, and from 2.21 on those that are deleted. @throws Refusal 404 */
export function serverEver(call: NovaCall, id: string): Server {
  const deleted = call.minor >= 21 ? call.compute.deleted.get(id) : undefined;
  const isOurs = deleted?.projectId === call.caller.projectId || call.caller.isAdmin;
  return deleted !== undefined && isOurs ? deleted : serverOf(call, id);
}
