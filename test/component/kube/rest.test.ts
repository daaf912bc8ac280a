import { describe, expect, test } from "vitest";
import { remedyOf } from "../../../src/core/errors.ts";
import {
  AnswerLostError,
  ConflictError,
  ForbiddenError,
  GoneError,
  NotFoundError,
  RejectedError,
  TooManyRequestsError,
  UnavailableError,
} from "../../../src/kube/status-error.ts";
import { kubeRig, lostAnswer, nodeObject, type Rig } from "./rig.ts";

const path = "/api/v1/nodes/n1";

async function rigWithNode(options: Parameters<typeof kubeRig>[0] = {}): Promise<Rig> {
  const rig = await kubeRig(options);
  rig.kube.store.put("nodes", nodeObject("n1"));
  return rig;
}

const get = (rig: Rig) => rig.rest.call({ method: "GET", path, resource: "nodes", signal: rig.signal });
const cordon = (rig: Rig) =>
  rig.rest.call({
    method: "PATCH",
    path,
    resource: "nodes",
    body: { spec: { unschedulable: true } },
    signal: rig.signal,
  });

/** Lets time run until a call ended, and says how. */
async function outcomeOf<T>(rig: Rig, call: Promise<T>): Promise<{ value?: T; error?: unknown; tookMs: number }> {
  const startedAt = rig.clock.now().monoMs;
  let end: { value?: T; error?: unknown; tookMs: number } | undefined;
  const over = (result: object) => {
    end = { ...result, tookMs: rig.clock.now().monoMs - startedAt };
  };
  const owned = call.then(
    (value) => over({ value }),
    (error: unknown) => over({ error }),
  );
  await rig.clock.runUntil(() => end !== undefined, 120_000, "the call's end");
  await owned;
  return end!;
}

const requests = (rig: Rig, method: string) => rig.kube.log.entries.filter((entry) => entry.method === method).length;

describe("errors say what may be done about them", () => {
  test.each([
    [403, ForbiddenError, "ask-operator"],
    [404, NotFoundError, "re-read"],
    [409, ConflictError, "re-read"],
    [410, GoneError, "re-read"],
    [422, RejectedError, "give-up"],
  ] as const)("an answer %i", async (code, kind, remedy) => {
    await using rig = await rigWithNode();
    rig.kube.faults.add({ match: { method: "PATCH" }, fault: { kind: "answer", code, message: "no" } });
    const { error } = await outcomeOf(rig, cordon(rig));
    expect(error).toBeInstanceOf(kind);
    expect(remedyOf(error)).toBe(remedy);
    expect(String(error)).toContain("PATCH /api/v1/nodes/n1");
  });
});

describe("a server that is busy", () => {
  test("is obeyed when it names a time, also in plain text", async () => {
    await using rig = await rigWithNode();
    rig.kube.faults.add({
      match: { method: "PATCH" },
      fault: { kind: "answer", code: 429, text: "Too many requests, please try again later.", retryAfterSeconds: 2 },
    });
    const { value, tookMs } = await outcomeOf(rig, cordon(rig));
    expect(value?.spec).toMatchObject({ unschedulable: true });
    expect(tookMs).toBe(2_000);
  });

  test("is given up within the call's deadline", async () => {
    await using rig = await rigWithNode();
    rig.kube.faults.add({
      match: {},
      times: Number.POSITIVE_INFINITY,
      fault: { kind: "answer", code: 429, reason: "TooManyRequests", retryAfterSeconds: 3 },
    });
    const { error, tookMs } = await outcomeOf(rig, get(rig));
    expect(error).toBeInstanceOf(TooManyRequestsError);
    expect(tookMs).toBeLessThanOrEqual(10_000);
  });

  test("with a 503 is asked again for a read, never for a write", async () => {
    await using rig = await rigWithNode();
    rig.kube.faults.add({ match: {}, fault: { kind: "answer", code: 503, text: "service unavailable" } });
    expect((await outcomeOf(rig, get(rig))).value?.metadata?.name).toBe("n1");
    rig.kube.faults.add({ match: {}, fault: { kind: "answer", code: 503, text: "service unavailable" } });
    const { error } = await outcomeOf(rig, cordon(rig));
    expect(error).toBeInstanceOf(AnswerLostError);
    expect(requests(rig, "PATCH")).toBe(1);
  });
});

describe("a connection that breaks", () => {
  test("is tried once more for a read", async () => {
    await using rig = await rigWithNode();
    rig.kube.faults.add({ match: {}, fault: { kind: "reset" } });
    expect((await outcomeOf(rig, get(rig))).value?.metadata?.name).toBe("n1");
  });

  test("twice ends a read with `retry`", async () => {
    await using rig = await rigWithNode();
    rig.kube.faults.add({ match: {}, fault: { kind: "reset" }, times: 2 });
    const { error } = await outcomeOf(rig, get(rig));
    expect(error).toBeInstanceOf(UnavailableError);
    expect(remedyOf(error)).toBe("retry");
  });

  test.each(["reset", "stall"] as const)(
    "after a write (%s) is `re-read`, and the write is sent once",
    async (then) => {
      await using rig = await rigWithNode();
      rig.kube.faults.add({ match: { method: "PATCH" }, fault: lostAnswer(then) });
      const { error } = await outcomeOf(rig, cordon(rig));
      expect(error).toBeInstanceOf(AnswerLostError);
      expect(remedyOf(error)).toBe("re-read");
      expect(requests(rig, "PATCH")).toBe(1);
      expect(rig.kube.store.get("nodes", "n1")?.spec.unschedulable).toBe(true);
    },
  );

  test("before it came about, lets a write be tried on the next server", async () => {
    await using rig = await rigWithNode({ servers: 2 });
    await rig.kube.listeners[0]!.stop();
    const { value, tookMs } = await outcomeOf(rig, cordon(rig));
    expect(value?.spec).toMatchObject({ unschedulable: true });
    expect(tookMs).toBe(0);
  });
});

test("a silent server ends a call at its deadline", async () => {
  await using rig = await rigWithNode();
  rig.kube.faults.add({ match: {}, fault: { kind: "stall" }, times: Number.POSITIVE_INFINITY });
  const { error, tookMs } = await outcomeOf(rig, get(rig));
  expect(error).toBeInstanceOf(UnavailableError);
  expect(tookMs).toBe(10_000);
});

test("a caller that gives up ends the call at once", async () => {
  await using rig = await rigWithNode();
  rig.kube.faults.add({ match: {}, fault: { kind: "stall" } });
  const own = new AbortController();
  const startedAt = rig.clock.now().monoMs;
  const call = rig.rest.call({ method: "GET", path, resource: "nodes", signal: own.signal });
  const ended = call.catch((error: unknown) => error);
  await rig.clock.settle();
  own.abort(new Error("enough"));
  expect(await ended).toBeInstanceOf(UnavailableError);
  expect(rig.clock.now().monoMs).toBe(startedAt);
});
