import { describe, expect, test } from "vitest";
import type { OpenStackCall } from "../../../../../plugins/shared/openstack/call.ts";
import { sessionWith, startStubCloud, tokenText } from "./stub-cloud.ts";

const never = new AbortController().signal;
const list: OpenStackCall = { service: "compute", method: "GET", path: "/servers", signal: never };
const stop: OpenStackCall = { ...list, method: "POST", path: "/servers/S/action", body: { "os-stop": null } };
const unauthorized = { status: 401, body: { error: { code: 401, message: "again", title: "Unauthorized" } } };
const unavailable = { status: 503, body: "busy" };

describe("after a 401", () => {
  test("a new token is got and the call sent once more, also when it changes something", async () => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    cloud.replies.push(unauthorized, { status: 202 });
    expect((await session.call(stop)).status).toBe(202);
    expect(cloud.calls.map(({ headers }) => headers["x-auth-token"])).toEqual([tokenText(1), tokenText(2)]);
  });

  test("the new token is shared by all whose calls were refused", async () => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    await session.projectId(never);
    for (let calls = 0; calls < 8; calls += 1) cloud.replies.push(unauthorized);
    const answers = await Promise.all(Array.from({ length: 8 }, () => session.call(list)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(cloud.logins).toHaveLength(2);
  });

  test("a second one ends the call without another login", async () => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    cloud.replies.push(unauthorized, unauthorized, unauthorized);
    const call = session.call(stop);
    await expect(call).rejects.toMatchObject({ name: "OpenStackAuthError", remedy: "retry" });
    await expect(call).rejects.toThrow("compute refuses a token that Keystone has just given");
    expect([cloud.logins.length, cloud.calls.length]).toEqual([2, 2]);
  });
});

describe("a login", () => {
  test.each([
    [
      401,
      { error: { code: 401, message: "The request you have made requires authentication." } },
      "ask-operator",
      "check user, password, project",
    ],
    [403, { error: { code: 403, message: "not authorized" } }, "ask-operator", "not authorized"],
    [404, "Not Found", "ask-operator", "check openstack.auth-url"],
    [302, undefined, "ask-operator", "it redirects to somewhere else: check openstack.auth-url"],
    [500, undefined, "retry", "status 500"],
    [200, "<html>login here</html>", "retry", "login here"],
    [201, { token: {} }, "retry", "the answer holds no token"],
  ])("that is answered with %i asks for %s", async (status, body, remedy, words) => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    cloud.loginReplies.push({ status, body });
    const call = session.call(stop);
    await expect(call).rejects.toMatchObject({ name: "OpenStackAuthError", remedy });
    await expect(call).rejects.toThrow(`logging in to Keystone at ${cloud.url}/v3 as user U: `);
    await expect(call).rejects.toThrow(words);
    expect([cloud.logins.length, cloud.calls.length]).toEqual([1, 0]);
  });

  test("with a deleted application credential says so", async () => {
    await using cloud = await startStubCloud();
    const credential = { "application-credential-id": "A", "application-credential-secret": "s" };
    await using session = sessionWith(cloud, credential);
    cloud.loginReplies.push({ status: 404, body: { error: { message: "Could not find Application Credential: A." } } });
    await expect(session.projectId(never)).rejects.toThrow(
      "as application credential A: status 404: Could not find Application Credential: A.; the application credential was deleted, or belongs to another cloud: make a new one",
    );
  });

  test("without a project is refused with what to set", async () => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud, { "project-id": undefined });
    cloud.loginReplies.push({ status: 201, headers: { "X-Subject-Token": "t" }, body: { token: { methods: [] } } });
    await expect(session.projectId(never)).rejects.toThrow(
      "the token is for no project, and the user has no default one",
    );
  });

  test("is repeated while Keystone is busy", async () => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    cloud.loginReplies.push(unavailable, "reset");
    expect(await session.projectId(never)).toBe("PID");
    expect(cloud.logins).toHaveLength(3);
  });

  test("is one for all callers, and a refused one is not repeated for each", async () => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    cloud.loginReplies.push({ status: 401 });
    const calls = await Promise.allSettled(Array.from({ length: 20 }, () => session.call(list)));
    expect(calls.every(({ status }) => status === "rejected")).toBe(true);
    await expect(session.call(list)).rejects.toThrow("asked again in 30 s");
    expect(cloud.logins).toHaveLength(1);
  });

  test("that a caller does not wait for goes on for the others", async () => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    const leaving = new AbortController();
    const one = session.call({ ...stop, signal: leaving.signal });
    const ended = expect(one).rejects.toMatchObject({ name: "OpenStackUnreachableError", remedy: "retry" });
    const other = session.projectId(never);
    leaving.abort(new Error("enough"));
    await ended;
    expect(await other).toBe("PID");
    expect(cloud.calls).toEqual([]);
  });
});
