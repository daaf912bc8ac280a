import type { Clock } from "../../../src/ports/clock.ts";
import { type Answer, refusal } from "./api.ts";
import { ApiError } from "./api-error.ts";
import type { CountedRequest, Fault, Faults } from "./faults.ts";
import type { Fields } from "./object.ts";
import type { Reply } from "./reply.ts";
import type { ApiRequest } from "./request.ts";
import type { Watches } from "./watches.ts";
import type { WriteCounter } from "./write-counter.ts";

/** What serving a request needs of the simulator. */
export interface Serving {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly watches: Watches;
  readonly writes: WriteCounter;
  readonly answer: (request: ApiRequest) => Answer;
  readonly kill: (instance: string) => void;
}

/** Answers one request, with the fault that strikes it. `closed` aborts when the response is over. */
export async function serve(
  serving: Serving,
  request: CountedRequest,
  reply: Reply,
  closed: AbortSignal,
): Promise<void> {
  const fault = serving.faults.take(request);
  if (fault?.kind === "delay") await delay(serving.clock, fault.ms, reply, closed);
  else if (fault !== undefined) return strike(serving, request, reply, closed, fault);
  if (closed.aborted || reply.isSilenced) return;
  if (request.isWatch && request.kind !== undefined) openWatch(serving, request, reply, closed);
  else reply.send(apply(serving, request));
}

async function delay(clock: Clock, ms: number, reply: Reply, closed: AbortSignal): Promise<void> {
  reply.isQuiet = true;
  await clock.sleep(ms, closed).catch(() => undefined);
  if (!reply.isSilenced) reply.isQuiet = false;
}

function apply(serving: Serving, request: CountedRequest): Answer {
  serving.writes.announce("before", request);
  const result = serving.answer(request);
  serving.writes.announce("after", request, result.code);
  return result;
}

function strike(serving: Serving, request: CountedRequest, reply: Reply, closed: AbortSignal, fault: Fault): void {
  switch (fault.kind) {
    case "reset":
      reply.reset();
      break;
    case "stall":
      reply.silence();
      break;
    case "lose-answer":
      apply(serving, request);
      if (fault.then === "reset") reply.reset();
      else reply.silence();
      break;
    case "kill":
      if (fault.applied) apply(serving, request);
      serving.kill(request.instance);
      break;
    case "answer":
      reply.send(faultAnswer(fault));
      break;
    case "silent-watch":
      openWatch(serving, request, reply, closed, "silent");
      break;
    case "expired-watch":
      openWatch(serving, request, reply, closed, "expired");
      break;
    case "delay":
  }
}

function faultAnswer(fault: Extract<Fault, { kind: "answer" }>): Answer {
  const headers: Record<string, string> = {};
  if (fault.retryAfterSeconds !== undefined) headers["Retry-After"] = String(fault.retryAfterSeconds);
  if (fault.text !== undefined) return { code: fault.code, body: fault.text, headers };
  const extra: Fields = { headers };
  if (fault.retryAfterSeconds !== undefined) extra.details = { retryAfterSeconds: fault.retryAfterSeconds };
  return refusal(new ApiError(fault.code, fault.reason, fault.message ?? "simulated refusal", extra));
}

function openWatch(
  serving: Serving,
  request: CountedRequest,
  reply: Reply,
  closed: AbortSignal,
  mode: "normal" | "silent" | "expired" = "normal",
): void {
  if (request.kind === undefined) return;
  const match = /(?:^|,)metadata\.name==?([^,]+)/.exec(request.query.get("fieldSelector") ?? "");
  const target = {
    kind: request.kind,
    namespace: request.namespace,
    name: request.name ?? match?.[1],
    query: request.query,
  };
  try {
    checkInitialEvents(request.query);
    serving.watches.open(target, reply, closed, mode);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    reply.send(refusal(error));
  }
}

function checkInitialEvents(query: URLSearchParams): void {
  if (!query.has("sendInitialEvents") || query.get("resourceVersionMatch") === "NotOlderThan") return;
  throw new ApiError(422, "Invalid", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
}
