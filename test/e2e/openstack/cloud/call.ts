import { systemClock } from "../../../../src/app/clock.ts";

/** Parsed JSON of a service, whatever it is. */
// biome-ignore lint/suspicious/noExplicitAny: the bodies of six services are not described here
export type Body = any;

export interface Call {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Two minutes where nothing is said. */
  readonly withinMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed; the text itself where it is not JSON; undefined when empty. */
  readonly body: Body;
}

const answerWithinMs = 120_000;

/** One call, redirects not followed. @throws Error when no answer comes in time */
export async function call({ method, url, body, headers = {}, withinMs = answerWithinMs }: Call): Promise<Answer> {
  using deadline = systemClock.deadline(withinMs);
  const isRaw = body instanceof Uint8Array;
  const type = isRaw ? "application/octet-stream" : "application/json";
  const response = await fetch(url, {
    method,
    redirect: "manual",
    signal: deadline.signal,
    headers: { ...(body === undefined ? {} : { "Content-Type": type }), ...headers },
    ...(body === undefined ? {} : { body: isRaw ? new Uint8Array(body) : JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: parse(await response.text()) };
}

/** An error that names what was asked, and what came back. */
export function refusal(what: string, answer: Answer): Error {
  const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
  return new Error(`${what}: ${answer.status} ${text?.slice(0, 600)}`);
}

function parse(text: string): Body {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
