import type { ServerResponse } from "node:http";
import { messageOf } from "../core/errors.ts";
import { secondMs } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { PageLimits } from "./page-limits.ts";
import { securityHeaders } from "./security-headers.ts";
import type { WardProblem } from "./ward.ts";
import type { WardFeed } from "./ward-feed.ts";

const everyMs = secondMs;
const keepAliveMs = 15 * secondMs;

/**
 * Sends the ward whenever its revision changed, at most once a second, until the page goes away. Nothing is written to
 * a reader that has not taken what it was sent; so one event is the most that is ever held for it.
 *
 * @param signal ends the stream
 * @throws AcesoError before anything was sent, when there is no ward to send
 */
export async function streamWard(
  feed: WardFeed,
  response: ServerResponse,
  clock: Clock,
  limits: Pick<PageLimits, "slowReaderMs" | "longestStreamMs">,
  signal: AbortSignal,
): Promise<void> {
  await feed.latest();
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  response.writeHead(200, { ...securityHeaders, "content-type": "text/event-stream", "x-accel-buffering": "no" });
  const stop = AbortSignal.any([signal, gone.signal]);
  const startedAt = clock.now().monoMs;
  let takenAt = startedAt;
  let sentAt = Number.NEGATIVE_INFINITY;
  let sent = "";
  while (!stop.aborted) {
    const now = clock.now().monoMs;
    if (response.writableLength === 0) {
      takenAt = now;
      const { key, event } = await news(feed);
      if (key !== sent) response.write(event);
      else if (now - sentAt >= keepAliveMs) response.write(": nothing new\n\n");
      if (key !== sent || now - sentAt >= keepAliveMs) sentAt = now;
      sent = key;
    } else if (now - takenAt >= limits.slowReaderMs) {
      response.destroy();
    }
    if (now - startedAt >= limits.longestStreamMs) break;
    await clock.sleep(everyMs, stop).catch(() => undefined);
  }
  response.end();
}

async function news(feed: WardFeed): Promise<{ readonly key: string; readonly event: string }> {
  try {
    const { ward, text } = await feed.latest();
    return { key: `${ward.revision}`, event: `event: ward\nid: ${ward.revision}\ndata: ${text}\n\n` };
  } catch (error) {
    const problem: WardProblem = { message: messageOf(error) };
    return { key: problem.message, event: `event: problem\ndata: ${JSON.stringify(problem)}\n\n` };
  }
}
