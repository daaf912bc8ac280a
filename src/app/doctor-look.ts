import { messageOf } from "../core/errors.ts";
import type { Seen } from "../doctor/seen.ts";
import { ForbiddenError, NotFoundError, UnauthorizedError } from "../kube/status-error.ts";
import type { Clock } from "../ports/clock.ts";

/** Takes in one look at something: whatever goes wrong is what was seen. @throws the signal's reason when it aborts */
export async function look<T>(work: Promise<T | undefined>, signal: AbortSignal): Promise<Seen<T>> {
  try {
    const value = await work;
    return value === undefined ? { kind: "missing" } : { kind: "seen", value };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NotFoundError) return { kind: "missing" };
    const isForbidden = error instanceof ForbiddenError || error instanceof UnauthorizedError;
    return { kind: "unreadable", problem: messageOf(error), isForbidden };
  }
}

/** Ends with an error when the work takes longer; for work of plugins, which may not heed any signal. */
export async function within<T>(
  work: (signal: AbortSignal) => Promise<T>,
  ms: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<T> {
  using deadline = clock.deadline(ms, signal);
  const late = new Promise<never>((_, reject) => {
    const end = () => reject(signal.aborted ? signal.reason : new Error(`no answer within ${ms / 1_000} s`));
    if (deadline.signal.aborted) end();
    deadline.signal.addEventListener("abort", end, { once: true });
  });
  late.catch(() => undefined);
  return Promise.race([work(deadline.signal), late]);
}
