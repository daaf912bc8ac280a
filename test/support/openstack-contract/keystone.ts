import { expect } from "vitest";
import { byCredential, byPassword, HttpSession, http, inProject, logIn } from "../openstack-http.ts";
import { firstThatLasts } from "../short-lived.ts";
import type { ContractKit } from "./kit.ts";
import type { AddTest } from "./tests.ts";

const message = "The request you have made requires authentication.";

export function keystoneContract(add: AddTest, kit: ContractKit): void {
  add("a password logs in by ids and by names, and the token tells project, roles, end and catalog", async () => {
    const { account } = await kit.cloud();
    const { userName, userDomainName, password, projectName } = account;
    const byName = {
      methods: ["password"],
      password: { user: { name: userName, domain: { name: userDomainName }, password } },
    };
    const named = { project: { name: projectName, domain: { name: userDomainName } } };
    for (const answer of [
      await logIn(account, byPassword(account), inProject(account)),
      await logIn(account, byName, named),
    ]) {
      expect(answer.status).toBe(201);
      expect(answer.headers.get("x-subject-token")).toMatch(/^\S{20,}$/);
      const { token } = answer.body;
      expect([token.user.id, token.project.id]).toEqual([account.userId, account.projectId]);
      expect(token.roles.map((role: { name: string }) => role.name)).toContain("member");
      expect(Date.parse(token.expires_at)).toBeGreaterThan(kit.pace.clock.now().wallMs);
      expect(token.expires_at).toMatch(/Z$/);
    }
  });

  add("the catalog has each service under its type, with three kinds of endpoints in the region", async () => {
    const session = await kit.session();
    const types = session.catalog.map(({ type }) => type);
    const wanted = ["identity", "compute", "orchestration", "container-infra", "volumev3"];
    expect(types).toEqual(expect.arrayContaining(wanted));
    for (const { endpoints } of session.catalog.filter(({ type }) => wanted.includes(type))) {
      const own = endpoints.filter((it: { region_id: string }) => it.region_id === session.account.region);
      const interfaces = own.map((it: { interface: string }) => it.interface).sort();
      expect(interfaces).toEqual(["admin", "internal", "public"]);
      for (const it of own) expect([it.region, it.url]).toEqual([it.region_id, expect.stringMatching(/^http/)]);
    }
    expect(session.url("compute")).toMatch(/\/v2\.1$/);
    expect(session.url("identity")).toMatch(/\/v3$/);
    expect(session.url("container-infra")).toMatch(/\/v1$/);
    expect(session.url("orchestration")).toMatch(new RegExp(`/v1/${session.account.projectId}$`));
  });

  add("a wrong password and an unknown project are 401 with one and the same body", async () => {
    const { account } = await kit.cloud();
    const wrong = await logIn(account, byPassword({ ...account, password: "wrong" }), inProject(account));
    const unknown = await logIn(account, byPassword(account), { project: { id: "nope" } });
    for (const answer of [wrong, unknown]) {
      expect([answer.status, answer.body.error]).toEqual([401, { code: 401, message, title: "Unauthorized" }]);
    }
  });

  add("a body that is no login is 400", async () => {
    const { account } = await kit.cloud();
    expect((await http("POST", `${account.authUrl}/auth/tokens`, { body: { auth: {} } })).status).toBe(400);
  });

  add("an unscoped login has no project and no catalog", async () => {
    const { account } = await kit.cloud();
    const answer = await logIn(account, byPassword(account), "unscoped");
    expect(answer.status).toBe(201);
    expect(answer.body.token).not.toHaveProperty("project");
    expect(answer.body.token).not.toHaveProperty("catalog");
  });

  add("an application credential brings its own project and roles and may not ask for a scope", async () => {
    const cloud = await kit.cloud();
    const { account } = cloud;
    const name = `contract-${kit.pace.clock.now().wallMs}`;
    const credential = await cloud.createApplicationCredential({ name, roles: ["member"] });
    const owner = { id: account.userId };
    const byName = {
      methods: ["application_credential"],
      application_credential: { name, secret: credential.secret, user: owner },
    };
    for (const answer of [await logIn(account, byCredential(credential)), await logIn(account, byName)]) {
      expect([answer.status, answer.body.token.project.id]).toEqual([201, account.projectId]);
      expect(answer.body.token.roles.map((role: { name: string }) => role.name)).toEqual(["member"]);
    }
    const scoped = await logIn(account, byCredential(credential), inProject(account));
    expect([scoped.status, scoped.body.error.message]).toEqual([
      401,
      expect.stringContaining("cannot request a scope"),
    ]);
    const wrong = await logIn(account, byCredential({ ...credential, secret: "wrong" }));
    expect([wrong.status, wrong.body.error.message]).toEqual([401, message]);
    await cloud.deleteApplicationCredential(credential.id);
  });

  add("a deleted application credential is 404 at login, and its tokens are 401 at once", async () => {
    const cloud = await kit.cloud();
    const { account } = cloud;
    const credential = await cloud.createApplicationCredential({ name: `gone-${kit.pace.clock.now().wallMs}` });
    const session = new HttpSession(account, await logIn(account, byCredential(credential)));
    expect((await session.nova("GET", "/servers")).status).toBe(200);
    await cloud.deleteApplicationCredential(credential.id);
    const answer = await logIn(account, byCredential(credential));
    const text = `Could not find Application Credential: ${credential.id}.`;
    expect([answer.status, answer.body.error]).toEqual([404, { code: 404, message: text, title: "Not Found" }]);
    expect((await session.nova("GET", "/servers")).status).toBe(401);
  });

  add("a credential that expires cuts its tokens short, with an end that is written without a zone", async () => {
    const cloud = await kit.cloud();
    const { account } = cloud;
    const { clock } = kit.pace;
    const made = await firstThatLasts([5_000, 20_000, 60_000], async (expiresInMs) => {
      const endsAboutWallMs = clock.now().wallMs + expiresInMs;
      const name = `short-${clock.now().wallMs}`;
      const credential = await cloud.createApplicationCredential({ name, expiresInMs });
      const answer = await logIn(account, byCredential(credential));
      if (answer.status !== 201) throw new Error(`login: ${answer.status} ${answer.text}`);
      return { answer, credential, endsAboutWallMs };
    });
    const { answer, credential, endsAboutWallMs } = made;
    const session = new HttpSession(account, answer);
    const text: string = answer.body.token.expires_at;
    expect(text).not.toMatch(/Z$/);
    expect(Math.abs(Date.parse(`${text}Z`) - endsAboutWallMs)).toBeLessThan(3_000);
    const isOver = async () => (await session.nova("GET", "/servers")).status === 401;
    await kit.until("the token's end", isOver, 60_000);
    expect(clock.now().wallMs).toBeGreaterThanOrEqual(Date.parse(`${text}Z`) - 1_000);
    expect((await logIn(account, byCredential(credential))).status).toBe(401);
    await cloud.deleteApplicationCredential(credential.id);
  });

  add("a trust's token says so, makes no other tokens, and dies with the trust", async () => {
    const { account } = await kit.cloud();
    const owner = await kit.session();
    const wish = {
      trustor_user_id: account.userId,
      trustee_user_id: account.userId,
      project_id: account.projectId,
      impersonation: true,
      roles: [{ name: "member" }],
    };
    const made = await owner.call("identity", "POST", "/OS-TRUST/trusts", { body: { trust: wish } });
    expect(made.status).toBe(201);
    const { id } = made.body.trust;
    const scope = { "OS-TRUST:trust": { id } };
    const answer = await logIn(account, byPassword(account), scope);
    const { token } = answer.body;
    expect([answer.status, token["OS-TRUST:trust"].id, token.project.id]).toEqual([201, id, account.projectId]);
    const session = new HttpSession(account, answer);
    expect((await session.nova("GET", "/servers")).status).toBe(200);
    const again = await logIn(account, { methods: ["token"], token: { id: session.token } }, inProject(account));
    expect(again.status).toBe(403);
    expect((await owner.call("identity", "DELETE", `/OS-TRUST/trusts/${id}`)).status).toBe(204);
    expect((await session.nova("GET", "/servers")).status).toBe(401);
    expect((await logIn(account, byPassword(account), scope)).status).toBe(401);
  });

  add("a token makes another one with the same end", async () => {
    const { account } = await kit.cloud();
    const first = await logIn(account, byPassword(account), inProject(account));
    const id = first.headers.get("x-subject-token");
    const second = await logIn(account, { methods: ["token"], token: { id } }, inProject(account));
    expect([second.status, second.body.token.expires_at]).toEqual([201, first.body.token.expires_at]);
  });

  add("revoked tokens and none at all are 401 in the same words at every service; a new login helps", async () => {
    const cloud = await kit.cloud();
    const session = await kit.session();
    await cloud.revokeTokens();
    const services = ["compute", "orchestration", "container-infra"] as const;
    const paths = { compute: "/servers", orchestration: "/stacks", "container-infra": "/clusters" };
    for (const service of services) {
      const answer = await kit.until(`401 of ${service}`, async () => {
        const seen = await session.call(service, "GET", paths[service]);
        return seen.status === 401 && seen;
      });
      expect(answer.headers.get("www-authenticate")).toMatch(/^Keystone uri="http/);
      expect(answer.body).toEqual({ error: { code: 401, title: "Unauthorized", message } });
      const bare = await http("GET", session.url(service) + paths[service]);
      expect([bare.status, bare.body]).toEqual([401, answer.body]);
    }
    expect((await (await kit.session()).nova("GET", "/servers")).status).toBe(200);
  });
}
