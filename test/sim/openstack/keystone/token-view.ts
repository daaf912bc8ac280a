import type { Fields } from "../../kube/object.ts";
import { domain, type Token } from "../identity/accounts.ts";
import type { Identity } from "../identity/identity.ts";
import { microText, wholeMicroText } from "../times.ts";

/** The body of a token. */
export function tokenView(token: Token, identity: Identity, catalog: readonly Fields[]): Fields {
  const { user, project, trust, credential } = token;
  const isCut = credential?.expiresAtWallMs === token.expiresAtWallMs;
  const scope =
    project === undefined
      ? {}
      : {
          project: { domain, id: project.id, name: project.name },
          is_domain: false,
          roles: token.roles.map((name) => ({ id: identity.roleId(name), name })),
          catalog,
        };
  return {
    token: {
      methods: token.methods,
      user: { domain, id: user.id, name: user.name, password_expires_at: null },
      audit_ids: [token.id.slice(-22)],
      // a credential's own end is written without a zone
      expires_at: isCut ? microText(token.expiresAtWallMs) : `${wholeMicroText(token.expiresAtWallMs)}Z`,
      issued_at: `${wholeMicroText(token.issuedAtWallMs)}Z`,
      ...scope,
      ...(trust === undefined
        ? {}
        : {
            "OS-TRUST:trust": {
              id: trust.id,
              impersonation: trust.isImpersonating,
              trustee_user: { id: trust.trusteeId },
              trustor_user: { id: trust.trustorId },
            },
          }),
    },
  };
}
