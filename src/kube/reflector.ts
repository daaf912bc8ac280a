import { hourMs, type MonoMs, minuteMs, secondMs } from "../core/time.ts";
import type { Log } from "../ports/log.ts";
import { type Backoff, backoff } from "../util/backoff.ts";
import { ServerLeft } from "./api-servers.ts";
import { Listeners } from "./listeners.ts";
import { listPages } from "./paged-list.ts";
import { RepeatedProblem } from "./repeated-problem.ts";
import { isOlder } from "./resource-version.ts";
import type { KubeRest } from "./rest.ts";
import { errorOf, failureOf, GoneError, KubeCallError } from "./status-error.ts";
import { SilenceError, type WatchEvent, watchEvents } from "./watch-stream.ts";
import type { KubeObject } from "./wire.ts";

/** What a reflector keeps, and how. */
export interface ReflectorOptions<T> {
  readonly path: string;
  readonly resource: string;
  readonly fieldSelector?: string;
  /** Made of each object before it is kept; the API object itself is dropped. */
  readonly project: (object: KubeObject) => T;
  /** Two projections that mean the same: listeners are not told of such a change. Without it every change is told. */
  readonly isSame?: (before: T, after: T) => boolean;
  /** The server answered or a watch was opened or sent something; `blindMs`: how long we had not been connected before. */
  readonly onAlive?: (blindMs: number) => void;
  readonly onRemove?: (name: string) => void;
}

const pageSize = 100;
const relistEveryMs = hourMs;
const silenceMs = 90 * secondMs;

/**
 * Keeps a projection of every object of one kind, by name: lists in pages, then watches, with bookmarks, until the
 * signal aborts. Whatever breaks is tried again with jittered backoff; a version that is too old is listed anew.
 */
export class Reflector<T> {
  readonly #rest: KubeRest;
  readonly #options: ReflectorOptions<T>;
  readonly #log: Log;
  readonly #listeners: Listeners<string | undefined>;
  #items = new Map<string, T>();
  /** Versions of objects that we wrote and the watch has not brought yet. */
  readonly #written = new Map<string, string>();
  #isSynced = false;
  #isConnected = false;
  #lastAliveAt: MonoMs | undefined;
  readonly #problem: RepeatedProblem;
  #listedAt: MonoMs = 0;
  #version = "";

  constructor(rest: KubeRest, log: Log, options: ReflectorOptions<T>) {
    this.#rest = rest;
    this.#options = options;
    this.#log = log.child({ watch: options.resource });
    this.#listeners = new Listeners(this.#log, rest.parts.meter, options.resource);
    // Watches break now and then by themselves; worth a word is what does not mend.
    this.#problem = new RepeatedProblem(rest.parts.clock, this.#log, `watching ${options.resource}`, 3);
  }

  /** By metadata.name. The map is live: it changes with the watch. */
  get items(): ReadonlyMap<string, T> {
    return this.#items;
  }

  /** The list was read once since `run` began. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** When the server last answered the list or sent a watch event or bookmark. */
  get lastEventAtMonoMs(): MonoMs | undefined {
    return this.#lastAliveAt;
  }

  /** A watch is open and not beyond its silence deadline. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Calls back with a name after a change of one object, with undefined after a new list. Returns the way to stop. */
  onChange(listener: (name: string | undefined) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Changes everything that is kept, without telling the listeners. */
  replace(change: (item: T) => T): void {
    for (const [name, item] of this.#items) this.#items.set(name, change(item));
  }

  /** Keeps the answer to our own write at once, before the watch brings it; an object that is known newer stays. */
  put(object: KubeObject): void {
    const name = object.metadata?.name ?? "";
    const version = object.metadata?.resourceVersion ?? "";
    if (isOlder(version, this.#written.get(name) ?? "")) return;
    this.#written.set(name, version);
    this.#guarded(() => this.#items.set(name, this.#options.project(object)));
  }

  /** May be run again after it ended; it then begins with an empty map. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    this.#items = new Map();
    this.#isSynced = false;
    this.#version = "";
    this.#lastAliveAt = undefined;
    const waits = backoff(250, 15 * secondMs);
    while (!signal.aborted) {
      const error = await this.#listAndWatch(waits, signal);
      this.#isConnected = false;
      if (signal.aborted || error === undefined) continue;
      await this.#recover(error, waits, signal);
    }
  }

  /** Runs until the next list is due (undefined) or something broke. */
  async #listAndWatch(waits: Backoff, signal: AbortSignal): Promise<unknown> {
    const { clock } = this.#rest.parts;
    try {
      if (this.#version === "") await this.#list(signal);
      while (!signal.aborted && clock.now().monoMs < this.#listedAt + relistEveryMs) await this.#watch(waits, signal);
      this.#version = "";
      return undefined;
    } catch (error) {
      return error;
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { path, resource, fieldSelector } = this.#options;
    let fresh = new Map<string, T>();
    const onItem = (object: KubeObject) => {
      const name = object.metadata?.name ?? "";
      this.#guarded(() => fresh.set(name, this.#options.project(object)));
    };
    const onRestart = () => {
      fresh = new Map();
    };
    const call = { path, resource, pageSize, fieldSelector, signal };
    const version = await listPages(this.#rest, call, onItem, onRestart);
    const gone = [...this.#items.keys()].filter((name) => !fresh.has(name));
    this.#items = fresh;
    this.#written.clear();
    this.#version = version;
    this.#listedAt = this.#rest.parts.clock.now().monoMs;
    for (const name of gone) this.#options.onRemove?.(name);
    this.#isSynced = true;
    this.#alive();
    this.#listeners.notify(undefined);
  }

  async #watch(waits: Backoff, signal: AbortSignal): Promise<void> {
    const { path, resource, fieldSelector } = this.#options;
    const query = {
      resourceVersion: this.#version,
      allowWatchBookmarks: true,
      timeoutSeconds: 240 + Math.floor(Math.random() * 60),
      fieldSelector,
    };
    const { clock } = this.#rest.parts;
    const openedAt = clock.now().monoMs;
    for await (const event of watchEvents(this.#rest, { path, resource, query, silenceMs, signal })) {
      if (event === undefined) {
        this.#alive();
        this.#isConnected = true;
        continue;
      }
      this.#take(event);
      waits.reset();
      this.#problem.worked();
    }
    this.#lastAliveAt = clock.now().monoMs;
    // A server that ends watches at once must not be asked in a tight loop.
    if (!signal.aborted && clock.now().monoMs - openedAt < secondMs)
      await clock.sleep(waits.next(), signal).catch(() => undefined);
  }

  #take({ type, object }: WatchEvent): void {
    if (type === "ERROR") throw watchError(this.#options.path, object);
    this.#alive();
    const name = object.metadata?.name ?? "";
    const before = this.#items.get(name);
    if (type === "ADDED" || type === "MODIFIED") {
      if (!this.#isOverwritten(name, object)) this.#guarded(() => this.#items.set(name, this.#options.project(object)));
    } else if (type === "DELETED") {
      this.#written.delete(name);
      this.#items.delete(name);
      this.#options.onRemove?.(name);
    }
    this.#version = object.metadata?.resourceVersion || this.#version;
    if (type !== "BOOKMARK" && !this.#isSame(before, this.#items.get(name))) this.#listeners.notify(name);
  }

  #isSame(before: T | undefined, after: T | undefined): boolean {
    return before !== undefined && after !== undefined && this.#options.isSame?.(before, after) === true;
  }

  /** An event older than our own write of the same object. */
  #isOverwritten(name: string, object: KubeObject): boolean {
    const version = object.metadata?.resourceVersion ?? "";
    if (isOlder(version, this.#written.get(name) ?? "")) return true;
    this.#written.delete(name);
    return false;
  }

  #alive(): void {
    const { monoMs } = this.#rest.parts.clock.now();
    const blindMs = this.#isConnected || this.#lastAliveAt === undefined ? 0 : monoMs - this.#lastAliveAt;
    this.#lastAliveAt = monoMs;
    this.#options.onAlive?.(blindMs);
  }

  async #recover(error: unknown, waits: Backoff, signal: AbortSignal): Promise<void> {
    const { clock, meter } = this.#rest.parts;
    // Silence past all bookmarks: the version may lie in the future, as after a restore of etcd.
    const isGone = error instanceof GoneError || (error instanceof Error && error.cause instanceof SilenceError);
    if (isGone) this.#version = "";
    const hasMoved = error instanceof Error && error.cause instanceof ServerLeft;
    meter.count("aceso_kube_watch_broken_total", { resource: this.#options.resource, why: isGone ? "gone" : "error" });
    this.#problem.failed(error);
    if (hasMoved) return;
    const askedMs = error instanceof KubeCallError ? (error.failure.retryAfterMs ?? 0) : 0;
    const waitMs = Math.max(Math.min(askedMs, minuteMs / 4), waits.next());
    await clock.sleep(waitMs, signal).catch(() => undefined);
  }

  /** One object that cannot be understood must not stop the watch of all others. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#rest.parts.meter.count("aceso_kube_handler_errors_total", { resource: this.#options.resource });
      this.#log.error({ err: error }, "an object could not be taken in");
    }
  }
}

/** The error in an ERROR event; 410 becomes GoneError like its HTTP form. */
function watchError(path: string, object: KubeObject): KubeCallError {
  const code = typeof object.code === "number" ? object.code : 500;
  return errorOf(failureOf("GET", path, code, JSON.stringify(object)));
}
