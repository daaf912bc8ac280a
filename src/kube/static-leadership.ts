import type { Now } from "../core/time.ts";
import type { LeaderSight, Leadership, Term } from "../ports/leadership.ts";
import { aborted } from "../util/aborted.ts";

/** Leadership without election (`leader-elect: false`): one term that lasts until the process stops. For single replicas. */
export class StaticLeadership implements Leadership {
  readonly identity: string;
  readonly holder: string;

  constructor(identity: string) {
    this.identity = identity;
    this.holder = identity;
  }

  sight({ wallMs }: Now): LeaderSight {
    return { holder: this.holder, renewedAtWallMs: wallMs, isAlive: true, acquiredAtWallMs: undefined };
  }

  async run(lead: (term: Term) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const ended = new AbortController();
      const term: Term = {
        transitions: 0,
        wasHandedOver: false,
        signal: AbortSignal.any([signal, ended.signal]),
        remainingMs: () => (term.signal.aborted ? 0 : Number.MAX_SAFE_INTEGER),
        release: async () => ended.abort(new DOMException("the term was given up", "AbortError")),
      };
      await lead(term);
      ended.abort();
      // There is nobody to hand over to: work that ended by itself must not begin again in a tight loop.
      await aborted(signal);
    }
  }
}
