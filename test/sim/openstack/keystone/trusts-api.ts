import type { Fields } from "../../kube/object.ts";
import { empty, json } from "../http/answer.ts";
import type { Handler } from "../http/router.ts";
import type { KeystoneCall } from "./api.ts";
import { forbidden, notFound, refuse } from "./errors.ts";

export const createTrust: Handler<KeystoneCall> = (call, _, { body }) => {
  const token = call.caller();
  const wish = body?.trust;
  if (typeof wish !== "object") throw refuse(400, "'trust' is a required property");
  if (wish.trustor_user_id !== token.user.id || token.trust !== undefined) throw forbidden();
  const trust = call.identity.addTrust({
    trustorId: wish.trustor_user_id,
    trusteeId: wish.trustee_user_id,
    projectId: wish.project_id,
    roles: wish.roles?.map((role: Fields) => role.name) ?? token.roles,
    isImpersonating: wish.impersonation === true,
  });
  const roles = trust.roles.map((name) => ({ id: call.identity.roleId(name), name }));
  return json(201, { trust: { ...wish, id: trust.id, deleted_at: null, expires_at: null, roles } });
};

export const deleteTrust: Handler<KeystoneCall> = (call, { id = "" }) => {
  const token = call.caller();
  const trust = call.identity.trusts.get(id);
  if (trust === undefined) throw notFound("trust", id);
  if (trust.trustorId !== token.user.id) throw forbidden();
  call.identity.trusts.delete(id);
  return empty(204);
};
