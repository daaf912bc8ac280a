import type { Clock } from "../../../../src/ports/clock.ts";
import type { Store } from "../store.ts";

/** What every simulated controller works with. */
export interface ControllerContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** How long after a change a controller has acted on it. */
const reactionMs = 100;
/** One for all: an error notes its stack, and there is one for every change. */
const planAnew = new Error("it runs earlier");

/**
 * Runs a pass over everything shortly after each change of the named kinds, and again when the pass asked for it.
 *
 * @param pass returns in how many milliseconds to look again, or undefined when only a change matters
 */
export function reconcile(
  context: ControllerContext,
  plurals: readonly string[],
  pass: () => number | undefined,
): void {
  const { store, clock, signal } = context;
  let plannedMs = Number.POSITIVE_INFINITY;
  let replan = new AbortController();

  const plan = (ms: number): void => {
    const atMs = clock.now().monoMs + ms;
    if (signal.aborted || atMs >= plannedMs) return;
    replan.abort(planAnew);
    replan = new AbortController();
    plannedMs = atMs;
    clock.sleep(ms, AbortSignal.any([signal, replan.signal])).then(run, () => undefined);
  };
  const run = (): void => {
    plannedMs = Number.POSITIVE_INFINITY;
    const againMs = pass();
    if (againMs !== undefined) plan(againMs);
  };

  const unsubscribe = store.onChange((event) => {
    if (plurals.includes(event.plural)) plan(reactionMs);
  });
  signal.addEventListener("abort", unsubscribe, { once: true });
  plan(0);
}

/** Runs a pass every so often, the first one period from now. */
export function repeat({ clock, signal }: ControllerContext, periodMs: number, pass: () => void): void {
  const loop = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(periodMs, signal);
      pass();
    }
  };
  loop().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
