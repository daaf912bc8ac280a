import { messageOf } from "../core/errors.ts";
import { minuteMs, secondMs, type WallMs } from "../core/time.ts";
import type { EventNote, EventRecorder } from "../ports/events.ts";
import type { Log } from "../ports/log.ts";
import { EventSeries, type Regarding, type Series } from "./event-series.ts";
import { microTime } from "./micro-time.ts";
import type { KubeRest } from "./rest.ts";

/** Nodes have no namespace; their Events live in this one. */
const collection = "/apis/events.k8s.io/v1/namespaces/default/events";
const resource = "events";
const mostQueued = 256;
const writeEveryMs = minuteMs;

interface Queued {
  readonly series: Series;
  readonly wallMs: WallMs;
}

/** Writes Events of events.k8s.io/v1 about a Node and its NodeRepair, one at a time, in the background. */
export class KubeEventRecorder implements EventRecorder {
  readonly #rest: KubeRest;
  readonly #log: Log;
  readonly #instance: string;
  readonly #stem: string;
  readonly #series = new EventSeries();
  readonly #queue: Queued[] = [];
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  #stop = new AbortController();

  constructor(rest: KubeRest, log: Log, instance: string) {
    this.#rest = rest;
    this.#log = log;
    this.#instance = instance.slice(0, 128);
    this.#stem = Math.round(rest.parts.clock.now().wallMs).toString(16);
  }

  record(note: EventNote): void {
    for (const regarding of subjectsOf(note)) this.#tell(note, regarding);
  }

  #tell(note: EventNote, regarding: Regarding): void {
    const { clock, meter } = this.#rest.parts;
    const { monoMs, wallMs } = clock.now();
    const series = this.#series.take(note, regarding, monoMs, this.#stem);
    // A repetition is worth a write a minute; what is already waiting is written with the newest count.
    if (series.writtenAt !== undefined && monoMs - series.writtenAt < writeEveryMs) return;
    if (this.#queue.some((queued) => queued.series === series)) return;
    if (this.#queue.length >= mostQueued) {
      meter.count("aceso_events_dropped_total", { why: "queue-full" });
      return;
    }
    this.#queue.push({ series, wallMs });
    if (!this.#isWriting) this.#writing = this.#drain();
  }

  async flush(signal: AbortSignal): Promise<void> {
    const stop = this.#stop;
    const onAbort = () => {
      this.#queue.length = 0;
      stop.abort(signal.reason);
      this.#stop = new AbortController();
    };
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    await this.#writing;
    signal.removeEventListener("abort", onAbort);
  }

  /** Never throws. */
  async #drain(): Promise<void> {
    this.#isWriting = true;
    for (let queued = this.#queue.shift(); queued !== undefined; queued = this.#queue.shift()) {
      try {
        await this.#write(queued);
      } catch (error) {
        this.#rest.parts.meter.count("aceso_events_dropped_total", { why: "not-written" });
        this.#log.debug({ why: messageOf(error) }, "an event could not be written");
      }
    }
    this.#isWriting = false;
  }

  async #write({ series, wallMs }: Queued): Promise<void> {
    const { clock } = this.#rest.parts;
    const isFirst = series.writtenAt === undefined;
    series.writtenAt = clock.now().monoMs;
    const common = { resource, deadlineMs: 5 * secondMs, signal: this.#stop.signal } as const;
    if (isFirst) {
      await this.#rest.call({ method: "POST", path: collection, body: this.#event(series, wallMs), ...common });
      return;
    }
    const body = { series: { count: series.count, lastObservedTime: microTime(wallMs) } };
    await this.#rest.call({ method: "PATCH", path: `${collection}/${series.name}`, body, ...common });
  }

  #event({ name, note, regarding, count }: Series, wallMs: WallMs): object {
    const eventTime = microTime(wallMs);
    return {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { name, namespace: "default" },
      eventTime,
      reportingController: "aceso.dev/aceso",
      reportingInstance: this.#instance,
      action: note.action.slice(0, 128),
      reason: note.reason.slice(0, 128),
      type: note.type,
      note: note.note.slice(0, 1_024),
      regarding,
      ...(count > 1 && { series: { count, lastObservedTime: eventTime } }),
    };
  }
}

/** `kubectl describe` shows the Events of the object that it describes: so each of the two has its own. */
function subjectsOf({ node, nodeUid, record, earlierUid }: EventNote): Regarding[] {
  const about: Regarding = { apiVersion: "v1", kind: "Node", name: node, uid: nodeUid };
  const uid = record?.objectUid ?? earlierUid;
  if (uid === undefined) return [about];
  return [about, { apiVersion: "aceso.dev/v1alpha1", kind: "NodeRepair", name: node, uid }];
}
