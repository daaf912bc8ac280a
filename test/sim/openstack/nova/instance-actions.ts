import type { Fields } from "../../kube/object.ts";
import type { InstanceAction } from "../compute/instance-action.ts";
import type { Server } from "../compute/server.ts";
import { type CloudAnswer, json } from "../http/answer.ts";
import { wholeMicroText } from "../times.ts";
import { type NovaCall, refuse } from "./context.ts";
import { hostIdOf } from "./host-id.ts";

/** `GET /servers/ID/os-instance-actions`, newest first. */
export function listInstanceActions(call: NovaCall, server: Server): CloudAnswer {
  return json(200, { instanceActions: server.actions.map((action) => view(call, server, action)).reverse() });
}

/** One of them with its event, which the owner gets from 2.51 on. @throws Refusal 404 */
export function showInstanceAction(call: NovaCall, server: Server, requestId: string): CloudAnswer {
  const action = server.actions.find((it) => it.requestId === requestId);
  if (action === undefined) throw refuse(404, `Action ${requestId} not found`);
  const mayKnow = call.caller.isAdmin || call.minor >= 51;
  const events = mayKnow ? { events: eventViews(call, server, action) } : {};
  return json(200, { instanceAction: { ...view(call, server, action), ...events } });
}

function view({ minor }: NovaCall, server: Server, action: InstanceAction): Fields {
  return {
    action: action.action,
    instance_uuid: server.id,
    request_id: action.requestId,
    user_id: action.userId,
    project_id: server.projectId,
    start_time: wholeMicroText(action.startedAtWallMs),
    message: action.message,
    ...(minor >= 58 ? { updated_at: wholeMicroText(action.updatedAtWallMs) } : {}),
  };
}

/** A rebuild has the conductor's own event besides. */
function eventViews(call: NovaCall, server: Server, action: InstanceAction): Fields[] {
  const main = eventView(call, server, action);
  if (action.action !== "rebuild") return [main];
  return [main, { ...main, event: "rebuild_server", finish_time: main.start_time, result: "Success" }];
}

function eventView({ minor }: NovaCall, server: Server, action: InstanceAction): Fields {
  const { finishedAtWallMs } = action;
  return {
    event: action.event,
    start_time: wholeMicroText(action.startedAtWallMs),
    finish_time: finishedAtWallMs === undefined ? null : wholeMicroText(finishedAtWallMs),
    result: action.result,
    ...(minor >= 62 ? { hostId: hostIdOf(server.projectId, action.host) } : {}),
  };
}
