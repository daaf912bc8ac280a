import type { Log } from "../ports/log.ts";
import type { Meter } from "../ports/meter.ts";

/** Callbacks of one source. One that throws is logged and counted, and harms neither the source nor the others. */
export class Listeners<T> {
  readonly #log: Log;
  readonly #meter: Meter;
  readonly #resource: string;
  readonly #listeners = new Set<(value: T) => void>();

  constructor(log: Log, meter: Meter, resource: string) {
    this.#log = log;
    this.#meter = meter;
    this.#resource = resource;
  }

  add(listener: (value: T) => void): () => void {
    // Wrapped, so that the same function added twice is removed once.
    const own = (value: T) => listener(value);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  notify(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        this.#meter.count("aceso_kube_handler_errors_total", { resource: this.#resource });
        this.#log.error({ err: error }, "a listener threw");
      }
    }
  }
}
