import { hourMs, type MonoMs, minuteMs, secondMs } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventNote, EventRecorder } from "../ports/events.ts";
import type { Log } from "../ports/log.ts";
import type { Meter } from "../ports/meter.ts";
import { backoff } from "../util/backoff.ts";
import { Deliverer, type Receiver } from "./deliver.ts";
import { bodyOf, sameness } from "./notification.ts";

export interface WebhookSettings extends Receiver {
  /** For one attempt. */
  readonly timeoutMs: number;
  /** Leave out what is only progress. */
  readonly isWarningsOnly: boolean;
  /** Name of this cluster; may be empty. */
  readonly cluster: string;
}

export interface WebhookPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly newId: () => string;
}

interface Waiting {
  readonly id: string;
  readonly body: string;
  readonly node: string;
  readonly sinceMonoMs: MonoMs;
}

const mostWaiting = 256;
/** News that could not be told for this long is none any more. */
const expiresMs = hourMs;
/** The same is not told again within this time. */
const quietMs = 10 * minuteMs;
const mostRemembered = 1_024;

/**
 * Sends what people are told to one address, one after the other in the order in which it happened, in the background.
 * What is not taken is tried again with growing pauses, under the same id.
 */
export class Webhook implements EventRecorder {
  readonly #settings: WebhookSettings;
  readonly #ports: WebhookPorts;
  readonly #deliverer: Deliverer;
  readonly #queue: Waiting[] = [];
  readonly #told = new Map<string, MonoMs>();
  #sending: Promise<void> | undefined;
  #stop = new AbortController();

  constructor(settings: WebhookSettings, ports: WebhookPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#deliverer = new Deliverer(settings);
  }

  record(note: EventNote): void {
    const { clock, newId } = this.#ports;
    const { isWarningsOnly, cluster } = this.#settings;
    const { monoMs, wallMs } = clock.now();
    if ((isWarningsOnly && note.type !== "Warning") || this.#isKnown(note, monoMs)) return;
    const id = newId();
    const body = bodyOf(note, { id, wallMs, cluster });
    this.#queue.push({ id, body, node: note.node, sinceMonoMs: monoMs });
    // The first one is being sent. Of the others the newest say most.
    if (this.#queue.length > mostWaiting) {
      const [dropped] = this.#queue.splice(1, 1);
      this.#count("dropped");
      this.#ports.log.warn(
        { id: dropped?.id, node: dropped?.node },
        "too many notifications wait; the oldest is dropped",
      );
    }
    this.#showWaiting();
    this.#sending ??= this.#drain();
  }

  async flush(signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#stop.abort(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    await this.#sending;
    signal.removeEventListener("abort", onAbort);
    await this.#deliverer.close();
  }

  #isKnown(note: EventNote, now: MonoMs): boolean {
    const key = sameness(note);
    const toldAt = this.#told.get(key);
    if (toldAt !== undefined && now - toldAt < quietMs) return true;
    this.#told.delete(key);
    this.#told.set(key, now);
    // Oldest first: a Map keeps the order of insertion.
    const oldest = this.#told.keys().next().value;
    if (this.#told.size > mostRemembered && oldest !== undefined) this.#told.delete(oldest);
    return false;
  }

  /** Never throws. */
  async #drain(): Promise<void> {
    const stopped = this.#stop.signal;
    for (let first = this.#queue[0]; first !== undefined && !stopped.aborted; first = this.#queue[0]) {
      const result = await this.#send(first, stopped);
      if (result === undefined) break;
      this.#count(result);
      this.#queue.shift();
      this.#showWaiting();
    }
    this.#sending = undefined;
    if (stopped.aborted && this.#queue.length > 0)
      this.#ports.log.warn({ waiting: this.#queue.length }, "notifications were not sent before the replica stopped");
  }

  /** @returns undefined when it was stopped before anything came of it */
  async #send(it: Waiting, stopped: AbortSignal): Promise<"sent" | "refused" | "expired" | undefined> {
    const { clock, log } = this.#ports;
    const pause = backoff(secondMs, minuteMs);
    const fields = { id: it.id, node: it.node, receiver: new URL(this.#settings.url).origin };
    for (let attempts = 1; ; attempts += 1) {
      using deadline = clock.deadline(this.#settings.timeoutMs, stopped);
      const delivery = await this.#deliverer.attempt(it.id, it.body, clock.now().wallMs, deadline.signal);
      if (delivery.kind === "sent") return "sent";
      if (stopped.aborted) return undefined;
      const { why } = delivery;
      if (delivery.kind === "refused") {
        log.warn({ ...fields, why }, "a notification was refused; it is not sent again");
        return "refused";
      }
      if (clock.now().monoMs - it.sinceMonoMs >= expiresMs) {
        log.warn({ ...fields, why, attempts }, "a notification could not be sent for an hour; it is given up");
        return "expired";
      }
      log[attempts === 1 ? "warn" : "debug"](
        { ...fields, why, attempts },
        "a notification was not taken; trying again",
      );
      await clock.sleep(Math.max(pause.next(), delivery.afterMs ?? 0), stopped).catch(() => undefined);
      if (stopped.aborted) return undefined;
    }
  }

  #count(result: string): void {
    this.#ports.meter.count("aceso_notifications_total", { result });
  }

  #showWaiting(): void {
    this.#ports.meter.set("aceso_notifications_waiting", this.#queue.length);
  }
}
