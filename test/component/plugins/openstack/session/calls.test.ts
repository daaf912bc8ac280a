import { describe, expect, test } from "vitest";
import type { OpenStackCall } from "../../../../../plugins/shared/openstack/call.ts";
import { openSession } from "../../../../../plugins/shared/openstack/open-session.ts";
import { settingsFrom } from "../../../../../plugins/shared/openstack/settings.ts";
import { systemClock } from "../../../../../src/app/clock.ts";
import { eventually } from "../../../../support/eventually.ts";
import { findFreePort } from "../../../../support/free-port.ts";
import { hastyClock } from "../../../../support/hasty-clock.ts";
import { recordingLog } from "../../../../support/recording-log.ts";
import { password, sessionWith, startStubCloud, tokenReply, tokenText } from "./stub-cloud.ts";

const never = new AbortController().signal;
const list: OpenStackCall = { service: "compute", method: "GET", path: "/servers", signal: never };
const stop: OpenStackCall = {
  service: "compute",
  method: "POST",
  path: "/servers/S/action",
  body: { "os-stop": null },
  microversion: "2.79",
  signal: never,
};
const unavailable = { status: 503, body: "busy" };

describe("a call", () => {
  test("goes to the catalog's endpoint with token, microversion and JSON, and comes back with its request id", async () => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    cloud.replies.push({ status: 202, body: { uuid: "C" } });
    expect(await session.call(stop)).toEqual({
      status: 202,
      body: { uuid: "C" },
      requestId: "req-1",
      location: undefined,
    });
    const [seen] = cloud.calls;
    expect(seen).toMatchObject({ method: "POST", path: "/compute/v2.1/servers/S/action", body: '{"os-stop":null}' });
    expect(seen?.headers).toMatchObject({
      "x-auth-token": tokenText(1),
      "openstack-api-version": "compute 2.79",
      "content-type": "application/json",
    });
    expect(JSON.parse(cloud.logins[0]?.body ?? "").auth.identity.password.user).toEqual({ id: "U", password });
  });

  test.each([
    ["nothing", { status: 202 }, undefined],
    ["JSON's null", { status: 200, body: "null" }, null],
    ["HTML", { status: 202, body: "<html>" }, "<html>"],
  ])("keeps a body of %s as what it is", async (_name, reply, body) => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    cloud.replies.push(reply);
    expect((await session.call(stop)).body).toEqual(body);
  });

  test.each([404, 409, 500, 503])("of a change is answered with %i as it is, once", async (status) => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    cloud.replies.push({ status, body: { fault: { message: "no" } } });
    expect((await session.call(stop)).status).toBe(status);
    expect(cloud.calls).toHaveLength(1);
  });

  test("follows no redirect but tells where it leads", async () => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    cloud.replies.push({ status: 302, headers: { Location: "http://x/heat/v1/PID/stacks/n/i" } });
    const answer = await session.call({ ...list, service: "orchestration", path: "/stacks/i" });
    expect(answer).toMatchObject({ status: 302, location: "http://x/heat/v1/PID/stacks/n/i" });
    expect(cloud.calls).toHaveLength(1);
    await session.call({ ...list, service: "orchestration", path: answer.location ?? "" });
    expect(cloud.calls[1]?.path).toBe("/heat/v1/PID/stacks/n/i");
  });

  test("with a microversion that the service does not speak is an error that says which it does", async () => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    const words = "Version 2.999 is not supported by the API. Minimum is 2.1 and maximum is 2.93.";
    cloud.replies.push({ status: 406, body: { computeFault: { code: 406, message: words } } });
    const call = session.call({ ...list, microversion: "2.999" });
    await expect(call).rejects.toMatchObject({ remedy: "give-up" });
    await expect(call).rejects.toThrow(
      `GET compute /servers: compute does not do this with 2.999: status 406: ${words}`,
    );
  });

  test("after the end of the session is not sent", async () => {
    await using cloud = await startStubCloud();
    const session = sessionWith(cloud);
    await session.call(list);
    await session.close();
    await expect(session.call(stop)).rejects.toMatchObject({ name: "OpenStackUnreachableError", remedy: "retry" });
    expect(cloud.calls).toHaveLength(1);
  });
});

describe("a read", () => {
  test("is repeated after 429, 502, 503, 504, lost and half answers, as Retry-After says", async () => {
    await using cloud = await startStubCloud();
    const clock = hastyClock();
    await using session = sessionWith(cloud, {}, clock);
    cloud.replies.push({ status: 429, headers: { "Retry-After": "7" } }, "reset", "cut", { status: 504 });
    expect((await session.call(list)).status).toBe(200);
    expect(cloud.calls).toHaveLength(5);
    expect(clock.sleeps).toHaveLength(4);
    expect(clock.sleeps[0]).toBe(7_000);
  });

  test("gives the last answer when there is no better one after five", async () => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    for (let tries = 0; tries < 9; tries += 1) cloud.replies.push(unavailable);
    expect(await session.call(list)).toMatchObject({ status: 503, body: "busy" });
    expect(cloud.calls).toHaveLength(5);
  });

  test("waits no longer than its signal allows", async () => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud, {}, systemClock);
    await session.call(list);
    cloud.replies.push({ status: 503, headers: { "Retry-After": "50" } });
    using deadline = systemClock.deadline(200);
    expect((await session.call({ ...list, signal: deadline.signal })).status).toBe(503);
    expect(cloud.calls).toHaveLength(2);
  });

  test("that gets no answer within its deadline may be made again", async () => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    await session.call(list);
    cloud.replies.push("silent");
    using deadline = systemClock.deadline(100);
    const call = session.call({ ...list, signal: deadline.signal });
    await expect(call).rejects.toMatchObject({ name: "OpenStackUnreachableError", remedy: "retry" });
    await expect(call).rejects.toThrow("GET compute /servers: no answer: no answer within 100 ms");
  });

  test("of more than 16 MiB is cut off", async () => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    for (let tries = 0; tries < 5; tries += 1) cloud.replies.push("endless");
    await expect(session.call(list)).rejects.toThrow("its answer is longer than 16777216 bytes");
  });

  test("uses a kept connection, a change one of its own", async () => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    for (let calls = 0; calls < 3; calls += 1) await session.call(list);
    expect(cloud.connections).toBe(2);
    for (let calls = 0; calls < 3; calls += 1) await session.call(stop);
    expect(cloud.connections).toBe(5);
  });
});

describe("a change", () => {
  test.each(["reset", "cut"] as const)(
    "whose answer is lost (%s) is not repeated: its outcome is unknown",
    async (how) => {
      await using cloud = await startStubCloud();
      await using session = sessionWith(cloud);
      cloud.replies.push(how);
      const call = session.call(stop);
      await expect(call).rejects.toMatchObject({ name: "OpenStackOutcomeUnknownError", remedy: "re-read" });
      await expect(call).rejects.toThrow("POST compute /servers/S/action: sent, but no answer came");
      expect(cloud.calls).toHaveLength(1);
    },
  );

  test("whose deadline passes after it was written has an unknown outcome", async () => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    await session.projectId(never);
    cloud.replies.push("silent");
    const leaving = new AbortController();
    const call = session.call({ ...stop, signal: leaving.signal });
    const ended = expect(call).rejects.toMatchObject({ name: "OpenStackOutcomeUnknownError", remedy: "re-read" });
    await eventually("the call's arrival", () => cloud.calls.length === 1, { everyMs: 5 });
    leaving.abort(new Error("no longer the leader"));
    await ended;
    await expect(call).rejects.toThrow("no longer the leader");
  });

  test("that is called off before it was written was certainly not carried out", async () => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud);
    await session.projectId(never);
    const call = session.call({ ...stop, signal: AbortSignal.abort(new Error("no longer the leader")) });
    await expect(call).rejects.toMatchObject({ name: "OpenStackUnreachableError", remedy: "retry" });
    expect(cloud.calls).toEqual([]);
  });

  test.each([
    ["refused", async () => `http://127.0.0.1:${await findFreePort()}/v2.1`],
    ["without a name", async () => "http://nowhere.invalid/v2.1"],
  ])("that cannot connect (%s) was certainly not carried out", async (_name, where) => {
    await using cloud = await startStubCloud();
    await using session = sessionWith(cloud, { "endpoint-overrides": { compute: await where() } });
    const call = session.call(stop);
    await expect(call).rejects.toMatchObject({ name: "OpenStackUnreachableError", remedy: "retry" });
    await expect(call).rejects.toThrow("POST compute /servers/S/action: not sent:");
  });
});

test("services are those of region and interface; microversions are asked once", async () => {
  await using cloud = await startStubCloud();
  await using session = sessionWith(cloud);
  expect([...(await session.services(never))].sort()).toEqual([
    "compute",
    "container-infra",
    "orchestration",
    "volumev3",
  ]);
  cloud.replies.push({ status: 200, body: { version: { version: "2.93", min_version: "2.1" } } });
  for (let asked = 0; asked < 2; asked += 1) {
    expect(await session.microversions("compute", never)).toEqual({ min: "2.1", max: "2.93" });
  }
  expect(await session.microversions("orchestration", never)).toBeUndefined();
  expect(cloud.calls.map(({ path }) => path)).toEqual(["/compute/v2.1/"]);
  cloud.replies.push({ status: 406 }, { status: 200, body: "<html>" });
  await expect(session.call(list)).rejects.toMatchObject({ remedy: "give-up" });
  await expect(session.microversions("compute", never)).rejects.toThrow("status 200, none named");
  await expect(session.call({ ...list, service: "image" })).rejects.toMatchObject({
    name: "OpenStackCatalogError",
    remedy: "ask-operator",
  });
});

test("each request is told to whoever counts, Keystone's too, with status and without host", async () => {
  await using cloud = await startStubCloud();
  const seen: string[] = [];
  const section = { "auth-url": cloud.url, "user-id": "U", password };
  const session = openSession(settingsFrom(section), {
    clock: hastyClock(),
    log: recordingLog(),
    environment: {},
    onCall: ({ service, method, path, status }) => seen.push(`${service} ${method} ${path} ${status}`),
  });
  cloud.replies.push("reset");
  await session.call({ ...list, query: { limit: "1" } });
  await session.close();
  expect(seen).toEqual([
    "identity POST /v3/auth/tokens 201",
    "compute GET /compute/v2.1/servers?limit=1 0",
    "compute GET /compute/v2.1/servers?limit=1 200",
  ]);
});

test("a token is taken along from a stub as from Keystone: without Z it is UTC", async () => {
  await using cloud = await startStubCloud();
  const reply = tokenReply(cloud, 1);
  expect(JSON.stringify(reply)).toContain('"expires_at":"2031-01-01T01:00:00.000"');
});
