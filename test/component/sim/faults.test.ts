import { type Dispatcher, request } from "undici";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nodeDraft } from "../../sim/kube/fixtures.ts";
import type { Fields } from "../../sim/kube/object.ts";
import { type SimulatedWorld, simulatedWorld } from "../../support/simulated-world.ts";

let world: SimulatedWorld;
let a: Dispatcher;
let b: Dispatcher;

beforeEach(async () => {
  world = await simulatedWorld({ servers: 2 });
  a = world.agent("a");
  b = world.agent("b");
  world.kube.store.put("nodes", nodeDraft("n1", world.clock.now().wallMs));
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

interface Outcome {
  status?: number;
  text?: string;
  headers?: Record<string, unknown>;
  error?: Error;
}

const annotation = () => world.kube.store.get("nodes", "n1")?.metadata.annotations?.by;

/** Sends and lets 5 s of virtual time be the limit; how it ended. */
async function send(
  dispatcher: Dispatcher,
  method: "GET" | "PATCH",
  path: string,
  body?: Fields,
  url = world.kube.url,
): Promise<Outcome> {
  const outcome: Outcome = {};
  using deadline = world.clock.deadline(5_000);
  const headers = { "content-type": "application/merge-patch+json" };
  const payload = body === undefined ? null : JSON.stringify(body);
  const sending = request(url + path, { dispatcher, method, headers, body: payload, signal: deadline.signal })
    .then(async (answer) => {
      outcome.status = answer.statusCode;
      outcome.headers = answer.headers;
      outcome.text = await answer.body.text();
    })
    .catch((error: Error) => {
      outcome.error = error;
    });
  await world.clock.runUntil(
    () => outcome.error !== undefined || outcome.text !== undefined,
    10_000,
    `${method} ${path}`,
  );
  await sending;
  return outcome;
}

const mark = (dispatcher: Dispatcher, by: string) =>
  send(dispatcher, "PATCH", "/api/v1/nodes/n1", { metadata: { annotations: { by } } });

/** Opens a watch and collects what it says. */
async function watch(dispatcher: Dispatcher, query = "watch=1&allowWatchBookmarks=true") {
  const seen = { text: "", isOver: false, error: undefined as Error | undefined };
  const { body } = await request(`${world.kube.url}/api/v1/nodes?${query}`, { dispatcher });
  body.on("data", (chunk: Buffer) => {
    seen.text += chunk.toString();
  });
  body.on("end", () => {
    seen.isOver = true;
  });
  body.on("error", (error: Error) => {
    seen.error = error;
  });
  await world.clock.settle();
  return seen;
}

describe("a write", () => {
  test("that is reset was not applied", async () => {
    world.kube.faults.add({ match: { isWrite: true }, fault: { kind: "reset" } });
    const outcome = await mark(a, "x");
    expect([outcome.error !== undefined, annotation()]).toEqual([true, undefined]);
  });

  test.each(["reset", "stall"] as const)("whose answer is lost by %s was applied", async (then) => {
    world.kube.faults.add({ match: { plural: "nodes", isWrite: true }, fault: { kind: "lose-answer", then } });
    const outcome = await mark(a, "x");
    expect([outcome.error !== undefined, annotation()]).toEqual([true, "x"]);
  });

  test.each([
    [true, "2"],
    [false, "1"],
  ])("at which its instance is killed counts as told: applied %s", async (applied, expected) => {
    const killed: string[] = [];
    world.kube.onKill((instance) => killed.push(instance));
    world.kube.faults.add({ match: { instance: "a", writeNumber: 2 }, fault: { kind: "kill", applied } });
    await mark(a, "1");
    const second = await mark(a, "2");
    const third = await mark(a, "3");
    expect([second.error?.name, third.error?.name, killed]).toEqual(["TimeoutError", "TimeoutError", ["a"]]);
    expect(annotation()).toBe(expected);
    expect((await mark(b, "4")).status).toBe(200);
    expect([world.kube.writes.of("a"), world.kube.writes.of("b")]).toEqual([2, 1]);
  });
});

test("a killed instance hears nothing more of its watches, others do; revived it is answered again", async () => {
  const [ofA, ofB] = [await watch(a), await watch(b)];
  const before = ofA.text;
  world.kube.kill("a");
  world.kube.store.patch("nodes", "n1", { metadata: { annotations: { by: "x" } } });
  await world.clock.advance(120_000);
  expect([ofA.text, ofA.isOver, ofA.error]).toEqual([before, false, undefined]);
  expect(ofB.text).toContain('"by":"x"');
  world.kube.revive("a");
  expect((await mark(a, "y")).status).toBe(200);
  expect(ofA.text).toBe(before);
});

test("answers can be any status, JSON or text, with Retry-After", async () => {
  world.kube.faults.add({
    match: { method: "GET" },
    fault: { kind: "answer", code: 429, text: "Too many requests", retryAfterSeconds: 2 },
  });
  world.kube.faults.add({
    match: { method: "GET" },
    fault: { kind: "answer", code: 503, reason: "ServiceUnavailable" },
  });
  const first = await send(a, "GET", "/api/v1/nodes");
  const second = await send(a, "GET", "/api/v1/nodes");
  const third = await send(a, "GET", "/api/v1/nodes");
  expect([first.status, first.headers?.["retry-after"], first.text]).toEqual([429, "2", "Too many requests"]);
  expect([second.status, JSON.parse(second.text ?? "").reason]).toEqual([503, "ServiceUnavailable"]);
  expect(third.status).toBe(200);
});

test("a delayed answer takes its time on the clock", async () => {
  world.kube.faults.add({ match: { path: /limit=1/ }, fault: { kind: "delay", ms: 3_000 } });
  const before = world.clock.now().monoMs;
  const outcome = await send(a, "GET", "/api/v1/nodes?limit=1");
  expect([outcome.status, world.clock.now().monoMs - before]).toEqual([200, 3_000]);
});

test("a revoked token is answered 401, the next one is not", async () => {
  const plain = world.agent();
  const withToken = async (token: string) => {
    const answer = await request(`${world.kube.url}/api/v1/nodes`, {
      dispatcher: plain,
      headers: { authorization: `Bearer ${token}` },
    });
    await answer.body.dump();
    return answer.statusCode;
  };
  world.kube.revokeToken("a.1");
  expect([await withToken("a.1"), await withToken("a.2")]).toEqual([401, 200]);
});

describe("an open watch", () => {
  test("can be reset, ended, cut in a line, spoiled or expired", async () => {
    for (const how of ["reset", "end", "half-line", "garbage", "expire"] as const) {
      const seen = await watch(a);
      const before = seen.text.length;
      expect(world.kube.cutWatches(how, { instance: "a", plural: "nodes" })).toBe(1);
      await world.clock.settle();
      const added = seen.text.slice(before);
      expect([how, seen.error !== undefined, seen.isOver]).toEqual([
        how,
        how === "reset",
        !["reset", "garbage"].includes(how),
      ]);
      if (how === "half-line") expect(added).not.toContain("\n");
      if (how === "garbage") expect(() => JSON.parse(added)).toThrow(SyntaxError);
      if (how === "expire") expect(JSON.parse(added)).toMatchObject({ type: "ERROR", object: { code: 410 } });
      if (how === "garbage") world.kube.cutWatches("end");
    }
  });

  test("gets a bookmark each minute and a clean end after timeoutSeconds", async () => {
    const seen = await watch(
      a,
      `watch=1&allowWatchBookmarks=true&timeoutSeconds=150&resourceVersion=${world.kube.store.revision}`,
    );
    await world.clock.advance(149_000);
    expect(seen.text.match(/BOOKMARK/g)).toHaveLength(3);
    expect(seen.isOver).toBe(false);
    await world.clock.advance(1_000);
    await world.clock.settle();
    expect(seen.isOver).toBe(true);
  });

  test("from a silent fault says nothing though things change", async () => {
    world.kube.faults.add({ match: { isWatch: true }, fault: { kind: "silent-watch" } });
    const seen = await watch(a);
    world.kube.store.patch("nodes", "n1", { metadata: { annotations: { by: "x" } } });
    await world.clock.advance(600_000);
    expect([seen.text, seen.isOver]).toEqual(["", false]);
  });
});

test("old pages answer 410 once history is forgotten", async () => {
  world.kube.store.put("nodes", nodeDraft("n2", world.clock.now().wallMs));
  const first = JSON.parse((await send(a, "GET", "/api/v1/nodes?limit=1")).text ?? "");
  world.kube.compact();
  const second = await send(a, "GET", `/api/v1/nodes?limit=1&continue=${first.metadata.continue}`);
  expect(second.status).toBe(410);
});

test("of two servers one is stopped: refused there, answered here, and back on the same port", async () => {
  const [first, second] = world.kube.listeners;
  await first?.stop();
  const refused = await send(a, "GET", "/api/v1/nodes", undefined, first?.url);
  const answered = await send(a, "GET", "/api/v1/nodes", undefined, second?.url);
  await first?.start();
  const back = await send(a, "GET", "/api/v1/nodes", undefined, first?.url);
  expect([(refused.error as NodeJS.ErrnoException | undefined)?.code, answered.status, back.status]).toEqual([
    "ECONNREFUSED",
    200,
    200,
  ]);
});

test("a silent server accepts and never answers", async () => {
  const [first] = world.kube.listeners;
  if (first !== undefined) first.isSilent = true;
  expect((await send(a, "GET", "/readyz")).error?.name).toBe("TimeoutError");
});

test("the log tells who asked what, with the body of writes and the code of the answer", async () => {
  await mark(a, "x");
  await send(b, "GET", "/api/v1/nodes/nope");
  expect(world.kube.log.find({ instance: "a" })).toMatchObject([
    {
      method: "PATCH",
      plural: "nodes",
      name: "n1",
      isWrite: true,
      status: 200,
      body: { metadata: { annotations: { by: "x" } } },
    },
  ]);
  expect(world.kube.log.find({ instance: "b" })).toMatchObject([
    { method: "GET", name: "nope", isWrite: false, status: 404 },
  ]);
});

test("write hooks are told before and after, uncounted writes too", async () => {
  const told: [string, string | undefined, number, unknown][] = [];
  world.kube.writes.onWrite(({ stage, request: { kind, writeNumber }, code }) => {
    told.push([stage, kind?.plural, writeNumber, code]);
  });
  await mark(a, "x");
  await send(a, "PATCH", "/apis/coordination.k8s.io/v1/namespaces/default/leases/nope", {});
  expect(told).toEqual([
    ["before", "nodes", 1, undefined],
    ["after", "nodes", 1, 200],
    ["before", "leases", 0, undefined],
    ["after", "leases", 0, 404],
  ]);
});
