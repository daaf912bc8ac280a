import type { CloudState } from "./cloud-state.ts";
import type { Server } from "./compute/server.ts";
import { Refusal } from "./http/answer.ts";
import { act } from "./nova/server-actions.ts";

/** An action of Nova by an admin, without HTTP. @throws Error with Nova's refusal */
export function actAsOperator(state: CloudState, server: Server, action: Readonly<Record<string, unknown>>): void {
  const { admin, project, identity, compute, images, ids } = state;
  const about = {
    methods: ["password"],
    user: admin,
    project,
    roles: ["admin"],
    credential: undefined,
    trust: undefined,
  };
  const token = identity.issue(about);
  const caller = { userId: admin.id, userName: admin.name, projectId: project.id, isAdmin: true, token };
  const request = {
    ...{ method: "POST", path: `/v2.1/servers/${server.id}/action`, query: new URLSearchParams(), headers: {} },
    ...{ body: action, isBroken: false, origin: "http://operator", requestId: ids.requestId() },
  };
  try {
    act({ compute, images, caller, minor: 93, request }, server);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Error(`the operator's ${JSON.stringify(action)} on ${server.id}: ${JSON.stringify(error.answer)}`);
  }
}
