import type { Clock, Deadline } from "../ports/clock.ts";

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: () => ({ monoMs: performance.now(), wallMs: Date.now() }),

  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  },

  deadline(ms, parent): Deadline {
    const controller = new AbortController();
    const onParent = () => controller.abort(parent?.reason);
    const timer = setTimeout(() => controller.abort(new DOMException(`no answer within ${ms} ms`, "TimeoutError")), ms);
    timer.unref();
    if (parent?.aborted) onParent();
    else parent?.addEventListener("abort", onParent, { once: true });
    return {
      signal: controller.signal,
      [Symbol.dispose]() {
        clearTimeout(timer);
        parent?.removeEventListener("abort", onParent);
      },
    };
  },
};
