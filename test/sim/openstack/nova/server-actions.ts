import type { Fields } from "../../kube/object.ts";
import { checkAllowed, type RuleName } from "../compute/action-rules.ts";
import { beginEvacuation } from "../compute/evacuate.ts";
import { Objection } from "../compute/objection.ts";
import {
  type Begin,
  beginHardReboot,
  beginSoftReboot,
  beginStart,
  beginStop,
  settle,
} from "../compute/power-actions.ts";
import { beginRebuild } from "../compute/rebuild.ts";
import type { Server } from "../compute/server.ts";
import { type CloudAnswer, empty, json } from "../http/answer.ts";
import { type NovaCall, needAdmin, refuse } from "./context.ts";
import { serverView } from "./server-view.ts";

type Action = (call: NovaCall, server: Server, wish: Fields | null) => CloudAnswer;

const accepted = empty(202);

const actions: Readonly<Record<string, Action>> = {
  "os-stop": power("os-stop", beginStop),
  "os-start": power("os-start", beginStart),
  reboot(call, server, wish) {
    const type = wish?.type;
    if (type === undefined) throw invalid("reboot", wish, "'type' is a required property");
    if (!/^(HARD|Hard|hard|SOFT|Soft|soft)$/.test(type)) {
      throw invalid("type", type, `'${type}' is not one of ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']`);
    }
    const isHard = type.toLowerCase() === "hard";
    return power(isHard ? "hard" : "soft", isHard ? beginHardReboot : beginSoftReboot)(call, server, wish);
  },
  rebuild,
  lock(_, server, wish) {
    server.isLocked = true;
    server.lockedReason = wish?.locked_reason ?? null;
    return accepted;
  },
  unlock(_, server) {
    Object.assign(server, { isLocked: false, lockedReason: null });
    return accepted;
  },
  "os-resetState"(call, server, wish) {
    needAdmin(call, "os_compute_api:os-admin-actions:reset_state");
    call.compute.tasks.cancel(server);
    Object.assign(server, { vmState: wish?.state, taskState: null });
    return accepted;
  },
  evacuate(call, server, wish) {
    needAdmin(call, "os_compute_api:os-evacuate");
    beginEvacuation(call.compute, server, wish?.host, call.request.requestId);
    return call.minor >= 14 ? empty(200) : json(200, { adminPass: "simulated" });
  },
  pause: atOnce("pause"),
  unpause: atOnce("unpause"),
  suspend: atOnce("suspend"),
  resume: atOnce("resume"),
  rescue: (call, server, wish) => {
    atOnce("rescue")(call, server, wish);
    return json(200, { adminPass: "simulated" });
  },
  unrescue: atOnce("unrescue"),
  shelve: atOnce("shelve"),
  unshelve: atOnce("unshelve"),
};

/** `POST /servers/ID/action` @throws Refusal */
export function act(call: NovaCall, server: Server): CloudAnswer {
  const names = Object.keys(call.request.body ?? {});
  if (names.length !== 1) throw refuse(400, "Malformed request body");
  const [name = ""] = names;
  const action = actions[name];
  if (action === undefined) throw refuse(400, `There is no such action: ${name}`);
  try {
    return action(call, server, call.request.body?.[name]);
  } catch (error) {
    if (error instanceof Objection) throw refuse(error.code, error.message);
    throw error;
  }
}

function power(rule: RuleName, begin: Begin): Action {
  return (call, server) => {
    checkAllowed(server, rule, call.caller.isAdmin);
    begin(call.compute, server, call.request.requestId);
    return accepted;
  };
}

function atOnce(rule: RuleName): Action {
  return (call, server) => {
    checkAllowed(server, rule, call.caller.isAdmin);
    settle(server, rule);
    return accepted;
  };
}

function rebuild(call: NovaCall, server: Server, wish: Fields | null): CloudAnswer {
  const { imageRef, metadata, name } = wish ?? {};
  if (imageRef === undefined) throw invalid("rebuild", wish, "'imageRef' is a required property");
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(imageRef)) {
    throw invalid("imageRef", imageRef, `'${imageRef}' is not a 'uuid'`);
  }
  checkAllowed(server, "rebuild", call.caller.isAdmin);
  if (!call.images.has(imageRef)) throw refuse(400, "Cannot find image for rebuild");
  const mayReimage = call.minor >= 93;
  const { requestId } = call.request;
  beginRebuild(call.compute, server, { imageId: imageRef, metadata, name, mayReimage, requestId });
  const view = { ...serverView(call, server), adminPass: wish?.adminPass ?? "simulated" };
  return json(202, { server: view }, { Location: `${call.request.origin}/v2.1/servers/${server.id}` });
}

function invalid(field: string, value: unknown, problem: string) {
  const shown = typeof value === "string" ? value : JSON.stringify(value ?? {});
  return refuse(400, `Invalid input for field/attribute ${field}. Value: ${shown}. ${problem}`);
}
