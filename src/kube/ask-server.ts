import { request } from "undici";
import { messageOf } from "../core/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { KubeAccess } from "./kube-access.ts";

/** What one API server answered to `GET /readyz`, with the time it took. */
export type ServerAnswer =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly tookMs: number;
      /** Its clock minus ours in ms, from the Date header (whole seconds); undefined: no header that can be read. */
      readonly aheadMs: number | undefined;
    }
  | { readonly kind: "silent"; readonly problem: string };

const deadlineMs = 5_000;

/** Asks this very server, without retries and without moving to another. Never throws, but when the signal aborts. */
export async function askServer(
  access: KubeAccess,
  base: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<ServerAnswer> {
  using deadline = clock.deadline(deadlineMs, signal);
  const before = clock.now();
  try {
    const { headers, dispatcher } = await access.authorize();
    const answer = await request(`${base}/readyz`, { headers: { ...headers }, dispatcher, signal: deadline.signal });
    await answer.body.dump();
    const after = clock.now();
    const dateMs = Date.parse(String(answer.headers.date ?? ""));
    // cut to whole seconds by the server: half a second more on average
    const aheadMs = Number.isNaN(dateMs) ? undefined : dateMs + 500 - (before.wallMs + after.wallMs) / 2;
    return { kind: "answered", status: answer.statusCode, tookMs: after.monoMs - before.monoMs, aheadMs };
  } catch (error) {
    signal.throwIfAborted();
    const problem = deadline.signal.aborted ? `no answer within ${deadlineMs / 1_000} s` : withCode(error);
    return { kind: "silent", problem };
  }
}

function withCode(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  const message = messageOf(error);
  return typeof code === "string" && !message.includes(code) ? `${message} (${code})` : message;
}
