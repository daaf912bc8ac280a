import { request } from "undici";
import { messageOf } from "../core/errors.ts";
import type { WallMs } from "../core/time.ts";
import type { KubeRest } from "./rest.ts";
import { noAnswer, UnavailableError } from "./status-error.ts";

const path = "/version";
const deadlineMs = 5_000;

/**
 * The API server's own clock, from the Date header of its answer (whole seconds). For people's commands: a laptop's
 * clock may be wrong, and timestamps are compared with the clock that wrote them.
 *
 * @returns undefined when the answer has no Date that can be read
 * @throws UnavailableError when no server answers
 */
export async function readServerDate(rest: KubeRest, signal: AbortSignal): Promise<WallMs | undefined> {
  const { access, servers, clock } = rest.parts;
  using deadline = clock.deadline(deadlineMs, signal);
  try {
    const { headers, dispatcher } = await access.authorize();
    const url = `${servers.pick().base}${path}`;
    const answer = await request(url, { headers: { ...headers }, dispatcher, signal: deadline.signal });
    await answer.body.dump();
    const wallMs = Date.parse(String(answer.headers.date ?? ""));
    return Number.isNaN(wallMs) ? undefined : wallMs;
  } catch (error) {
    signal.throwIfAborted();
    throw new UnavailableError(noAnswer("GET", path, messageOf(error)), "try later", { cause: error });
  }
}
