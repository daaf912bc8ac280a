import { messageOf } from "../core/errors.ts";
import { type MonoMs, secondMs } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Meter } from "../ports/meter.ts";
import type { Report, ReportPublisher } from "../ports/reports.ts";
import { backoff } from "../util/backoff.ts";
import { heartbeatMs, type Published, publishAtMs } from "./publication.ts";

const timeoutMs = 10 * secondMs;

interface Ports {
  readonly clock: Clock;
  readonly publisher: ReportPublisher;
  readonly log: Log;
  readonly meter: Meter;
}

/** Writes reports when they are due. After a failure the newest report is tried again, with growing waits. */
export class Publishing {
  readonly #ports: Ports;
  readonly #retry = backoff(secondMs, 30 * secondMs);
  #last: Published | undefined;
  #notBeforeMonoMs = 0;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Publishes if it is time to. Never throws. @returns when to call again, unless something changes before */
  async step(report: Report, signal: AbortSignal): Promise<MonoMs> {
    const nowMs = this.#ports.clock.now().monoMs;
    const dueMs = Math.max(publishAtMs(this.#last, report, nowMs), this.#notBeforeMonoMs);
    return dueMs > nowMs ? dueMs : await this.#publish(report, signal);
  }

  async #publish(report: Report, signal: AbortSignal): Promise<MonoMs> {
    const { clock, log, meter, publisher } = this.#ports;
    try {
      using deadline = clock.deadline(timeoutMs, signal);
      await publisher.publish(report, deadline.signal);
    } catch (error) {
      this.#notBeforeMonoMs = clock.now().monoMs + this.#retry.next();
      if (!signal.aborted)
        log.warn({ error: messageOf(error) }, "publishing the ObserverReport did not work; trying again");
      meter.count("aceso_reports_published_total", { result: "error" });
      return this.#notBeforeMonoMs;
    }
    this.#retry.reset();
    this.#last = { report, atMonoMs: clock.now().monoMs };
    meter.count("aceso_reports_published_total", { result: "ok" });
    meter.set("aceso_last_sweep_timestamp_seconds", clock.now().wallMs / secondMs);
    return this.#last.atMonoMs + heartbeatMs;
  }
}
