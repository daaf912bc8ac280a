import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { OpenStackCall } from "../../plugins/shared/openstack/call.ts";
import { isSupported } from "../../plugins/shared/openstack/microversions.ts";
import { openSession } from "../../plugins/shared/openstack/open-session.ts";
import type { OpenStackSession } from "../../plugins/shared/openstack/session.ts";
import { settingsFrom } from "../../plugins/shared/openstack/settings.ts";
import { eventually } from "./eventually.ts";
import { hastyClock } from "./hasty-clock.ts";
import type { CloudAccount, CloudService, OpenStackCloud } from "./openstack-cloud.ts";
import { recordingLog } from "./recording-log.ts";
import { firstThatLasts } from "./short-lived.ts";

const never = new AbortController().signal;
const list: OpenStackCall = { service: "compute", method: "GET", path: "/servers", signal: never };
/** Real services on a busy machine take their time. */
const patience = { withinMs: 120_000 };
const refused = { name: "OpenStackAuthError", remedy: "ask-operator" };

/** What the session relies on in an OpenStack, and what each of its faults comes to. One cloud serves all the tests. */
export function openStackSessionContract(name: string, setUp: () => Promise<OpenStackCloud>): void {
  describe(`a session with ${name}`, () => {
    let cloud: OpenStackCloud;
    const sessions: OpenStackSession[] = [];

    beforeAll(async () => {
      cloud = await setUp();
    });
    afterEach(async () => {
      for (const session of sessions.splice(0)) await session.close();
    });
    afterAll(async () => {
      await cloud?.[Symbol.asyncDispose]();
    });

    /** @param section besides address and region */
    const open = (section: object): OpenStackSession => {
      const { authUrl, region } = cloud.account;
      const all = { "auth-url": authUrl, region, ...section };
      const session = openSession(settingsFrom(all), { clock: hastyClock(), log: recordingLog(), environment: {} });
      sessions.push(session);
      return session;
    };
    const user = () => open(byIds(cloud.account));
    const callsTo = (service: CloudService, since = 0) =>
      cloud.calls().filter((seen, index) => index >= since && seen.service === service);
    const withFault = async <T>(
      service: CloudService,
      fault: "refuses" | "answers-503" | "talks-nonsense",
      run: () => Promise<T>,
    ) => {
      await cloud.setServiceFault(service, fault);
      try {
        return await run();
      } finally {
        await cloud.setServiceFault(service, undefined);
      }
    };

    describe("logs in", () => {
      test("with a password, by ids and by names with their domain", async () => {
        const { userName, password, projectName, userDomainName, projectId } = cloud.account;
        const names = { username: userName, password, "project-name": projectName, "domain-name": userDomainName };
        expect(await user().projectId(never)).toBe(projectId);
        const session = open(names);
        expect(await session.projectId(never)).toBe(projectId);
        expect((await session.call(list)).status).toBe(200);
      });

      test("with an application credential, by id and by name, until it is deleted", async () => {
        const { projectId, userId } = cloud.account;
        const { id, secret } = await cloud.createApplicationCredential({ name: "session" });
        const byId = { "application-credential-id": id, "application-credential-secret": secret };
        const byName = {
          "application-credential-name": "session",
          "application-credential-secret": secret,
          "user-id": userId,
        };
        for (const section of [byId, byName]) {
          const session = open(section);
          expect(await session.projectId(never)).toBe(projectId);
          expect((await session.call(list)).status).toBe(200);
        }
        const before = open(byId);
        await before.call(list);
        await cloud.deleteApplicationCredential(id);
        await expect(open(byId).projectId(never)).rejects.toMatchObject(refused);
        await expect(open(byId).projectId(never)).rejects.toThrow("the application credential was deleted");
        // services may go on trusting a token that they have checked for a while
        const isRefused = () =>
          before.call(list).then(
            () => false,
            (error: Error) => error.message.includes("the application credential was deleted"),
          );
        await eventually("its token is refused, too", isRefused, patience);
      });

      test("with an application credential no longer than it lasts, which cuts its tokens short", async () => {
        const session = await firstThatLasts([4_000, 20_000, 60_000], async (expiresInMs) => {
          const name = `short-${expiresInMs}`;
          const { id, secret } = await cloud.createApplicationCredential({ name, expiresInMs });
          const made = open({ "application-credential-id": id, "application-credential-secret": secret });
          expect((await made.call(list)).status).toBe(200);
          return made;
        });
        // at its very end Keystone still gives a token that no service takes any more
        const isRefused = () =>
          session.call(list).then(
            () => undefined,
            (error: { readonly remedy?: string }) => error.remedy === refused.remedy,
          );
        await eventually("Keystone refuses the credential", isRefused, patience);
      });

      test.each([
        ["a wrong password", { password: "not-it" }],
        ["an unknown project", { "project-id": "0".repeat(32) }],
        ["an unknown user", { "user-id": "0".repeat(32) }],
      ])("never with %s: Keystone is asked once, and no service", async (_name, wrong) => {
        const since = cloud.calls().length;
        const session = open({ ...byIds(cloud.account), ...wrong });
        await expect(session.call(list)).rejects.toMatchObject(refused);
        await expect(session.call(list)).rejects.toThrow(/asked again in (30|2\d) s/);
        expect([callsTo("keystone", since).length, callsTo("nova", since).length]).toEqual([1, 0]);
      });
    });

    test("revoked tokens are replaced by one login for all calls, and none of them fails", async () => {
      const session = user();
      await session.call(list);
      await cloud.revokeTokens();
      const since = cloud.calls().length;
      const answers = await Promise.all(Array.from({ length: 8 }, () => session.call(list)));
      expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
      expect(callsTo("keystone", since).filter(({ path }) => path === "/v3/auth/tokens")).toHaveLength(1);
    });

    test("services and their microversions are those of the cloud", async () => {
      const session = user();
      expect(await session.services(never)).toContain("compute");
      const nova = await session.microversions("compute", never);
      expect([isSupported(nova, "2.79"), isSupported(nova, "2.999")]).toEqual([true, false]);
      await expect(session.call({ ...list, microversion: "2.999" })).rejects.toMatchObject({
        name: "OpenStackVersionError",
        remedy: "give-up",
        message: expect.stringContaining("Version 2.999 is not supported by the API. Minimum is 2.1"),
      });
      if (!(await session.services(never)).has("container-infra")) return;
      expect(isSupported(await session.microversions("container-infra", never), "1.7")).toBe(true);
    });

    describe("while Keystone", () => {
      test.each(["refuses", "answers-503", "talks-nonsense"] as const)(
        "%s, calls may be tried again, and work when it is back",
        async (fault) => {
          const session = user();
          const since = cloud.calls().length;
          await withFault("keystone", fault, async () => {
            await expect(session.call(list)).rejects.toMatchObject({ name: "OpenStackAuthError", remedy: "retry" });
            expect(callsTo("nova", since)).toEqual([]);
          });
          await eventually("a call works", async () => (await session.call(list)).status === 200, patience);
        },
      );

      test("is away, a session that has a token goes on", async () => {
        const session = user();
        await session.call(list);
        expect((await withFault("keystone", "refuses", () => session.call(list))).status).toBe(200);
      });
    });

    describe("a change of a server", () => {
      const stopping = (id: string): OpenStackCall => ({
        ...list,
        method: "POST",
        path: `/servers/${id}/action`,
        body: { "os-stop": null },
      });
      const stops = (id: string, since: number) =>
        callsTo("nova", since).filter(({ method, path }) => method === "POST" && path.includes(id));

      test("is carried out once when its answer is lost, and its outcome is unknown", async () => {
        const { id } = await cloud.createServer("lost");
        const session = user();
        const since = cloud.calls().length;
        cloud.loseNextAnswer("nova", "POST", /\/action$/);
        await expect(session.call(stopping(id))).rejects.toMatchObject({
          name: "OpenStackOutcomeUnknownError",
          remedy: "re-read",
        });
        await eventually("the server is off", async () => (await cloud.server(id))?.status === "SHUTOFF", patience);
        expect(stops(id, since)).toHaveLength(1);
        await cloud.deleteServer(id);
      });

      test("is not sent to a Nova that refuses connections, and not repeated to one that answers 503", async () => {
        const { id } = await cloud.createServer("away");
        const session = user();
        await session.projectId(never);
        const since = cloud.calls().length;
        await withFault("nova", "refuses", async () => {
          await expect(session.call(stopping(id))).rejects.toMatchObject({
            name: "OpenStackUnreachableError",
            remedy: "retry",
          });
        });
        expect(stops(id, since)).toEqual([]);
        expect((await withFault("nova", "answers-503", () => session.call(stopping(id)))).status).toBe(503);
        expect(stops(id, since)).toHaveLength(1);
        expect(await cloud.server(id)).toMatchObject({ status: "ACTIVE" });
        await cloud.deleteServer(id);
      });

      test("that there is not is Nova's own 404", async () => {
        const answer = await user().call(stopping("0".repeat(8)));
        expect(answer).toMatchObject({ status: 404, requestId: expect.stringMatching(/^req-/) });
      });
    });

    test("a read is repeated to a Nova that answers 503, and says so in the end", async () => {
      const session = user();
      await session.projectId(never);
      const since = cloud.calls().length;
      expect((await withFault("nova", "answers-503", () => session.call(list))).status).toBe(503);
      expect(callsTo("nova", since)).toHaveLength(5);
    });
  });
}

function byIds({ userId, password, projectId }: CloudAccount) {
  return { "user-id": userId, password, "project-id": projectId };
}
