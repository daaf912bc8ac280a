import { request } from "undici";
import { messageOf } from "../core/errors.ts";
import type { MonoMs } from "../core/time.ts";
import { counting, lines, readBody } from "./body.ts";
import { type KubeRest, queryText } from "./rest.ts";
import { isUnsent } from "./retry-rule.ts";
import { errorOf, failureOf, KubeCallError, noAnswer, UnavailableError } from "./status-error.ts";
import type { KubeObject } from "./wire.ts";

/** What to watch. */
export interface WatchCall {
  readonly path: string;
  readonly resource: string;
  readonly query: Readonly<Record<string, string | number | boolean | undefined>>;
  /** No byte for this long ends the watch: a version from the future is answered with 200 and silence. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: KubeObject;
}

const headersDeadlineMs = 10_000;
const mostLineBytes = 8 * 1024 * 1024;

/** Reason of an abort for silence. */
export class SilenceError extends Error {}

/**
 * One watch, until the server ends it (then the generator returns). Yields `undefined` once, when the server accepted it.
 * The connection is closed when the consumer stops.
 * @throws KubeCallError when it is refused, breaks, is cut in the middle of a line, falls silent, or its server is left
 */
export async function* watchEvents(rest: KubeRest, call: WatchCall): AsyncGenerator<WatchEvent | undefined> {
  const { servers, clock, meter } = rest.parts;
  const pick = servers.pick();
  const stop = new AbortController();
  const signal = AbortSignal.any([call.signal, pick.left, stop.signal]);
  const heard = { atMonoMs: clock.now().monoMs };
  const silence = abortOnSilence(rest, call.silenceMs, heard, stop);
  try {
    const body = await open(rest, call, pick.base, signal);
    yield undefined;
    const counted = counting(body, (bytes) => {
      meter.count("aceso_kube_received_bytes_total", { resource: call.resource }, bytes);
      heard.atMonoMs = clock.now().monoMs;
      servers.heard(pick.base);
    });
    for await (const line of lines(counted, mostLineBytes)) if (line.trim() !== "") yield parse(line);
  } catch (error) {
    throw toError(rest, call, pick.base, error, signal);
  } finally {
    stop.abort(new Error("the watch is over"));
    await silence;
  }
}

async function open(
  rest: KubeRest,
  call: WatchCall,
  base: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Buffer>> {
  const { access, clock, meter } = rest.parts;
  const { headers, dispatcher } = await access.authorize();
  const opening = new AbortController();
  // The deadline is for the headers only; the stream itself lives until its server ends it.
  using deadline = clock.deadline(headersDeadlineMs, signal);
  const onDeadline = () => opening.abort(deadline.signal.reason);
  deadline.signal.addEventListener("abort", onDeadline, { once: true });
  const answer = await request(`${base}${call.path}${queryText({ ...call.query, watch: 1 })}`, {
    headers: { ...headers, accept: "application/json", "user-agent": "aceso" },
    dispatcher,
    signal: AbortSignal.any([signal, opening.signal]),
  });
  meter.count("aceso_kube_requests_total", { verb: "WATCH", resource: call.resource, code: `${answer.statusCode}` });
  if (answer.statusCode < 300) {
    deadline.signal.removeEventListener("abort", onDeadline);
    return answer.body;
  }
  const text = await readBody(answer.body, false, 65_536);
  if (answer.statusCode === 401) access.renew();
  if (answer.statusCode >= 500) rest.parts.servers.suspect(base);
  throw errorOf(failureOf("GET", call.path, answer.statusCode, text, answer.headers["retry-after"]));
}

/** Owned by the generator: ends with it. */
async function abortOnSilence(
  { parts: { clock } }: KubeRest,
  silenceMs: number,
  heard: { readonly atMonoMs: MonoMs },
  stop: AbortController,
): Promise<void> {
  while (!stop.signal.aborted) {
    const leftMs = heard.atMonoMs + silenceMs - clock.now().monoMs;
    if (leftMs <= 0) stop.abort(new SilenceError(`no byte for ${silenceMs} ms`));
    else await clock.sleep(leftMs, stop.signal).catch(() => undefined);
  }
}

function parse(line: string): WatchEvent {
  const event = JSON.parse(line) as Partial<WatchEvent>;
  if (typeof event.type !== "string" || typeof event.object !== "object" || event.object === null) {
    throw new Error("a watch event has no type or no object");
  }
  return event as WatchEvent;
}

function toError(rest: KubeRest, call: WatchCall, base: string, error: unknown, signal: AbortSignal): unknown {
  if (error instanceof KubeCallError) return error;
  const reason = signal.aborted ? signal.reason : error;
  if (isUnsent(error)) rest.parts.servers.fail(base, messageOf(error));
  else if (!call.signal.aborted) rest.parts.servers.suspect(base);
  const failure = noAnswer("GET", call.path, messageOf(reason));
  return new UnavailableError(failure, "the watch is opened again", { cause: reason });
}
