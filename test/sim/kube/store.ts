import { randomUUID } from "node:crypto";
import type { Clock } from "../../../src/ports/clock.ts";
import { apiVersionOf, kindOf } from "./kinds.ts";
import { type Fields, isSameJson, type KubeObject, keyOf, secondTime } from "./object.ts";
import { mergePatch } from "./patch.ts";

/** One change, as watches see it. `previous` is the object before it. */
export interface StoreEvent {
  readonly plural: string;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly revision: number;
  readonly object: KubeObject;
  readonly previous: KubeObject | undefined;
}

/** What a test hands in: name and whatever else it wants to set. */
export interface Draft extends Fields {
  metadata: Fields & { name: string };
}

/**
 * The objects, one revision counter for all of them, and the latest changes of each kind. Reads and writes here ask no
 * questions: the API's rules are in `writes.ts`. Objects handed out are the stored ones: read them, never change them.
 */
export class Store {
  readonly #clock: Clock;
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  readonly #history = new Map<string, StoreEvent[]>();
  readonly #oldest = new Map<string, number>();
  readonly #listeners = new Set<(event: StoreEvent) => void>();
  readonly #historyLimit: number;
  #revision = 1000;

  constructor(clock: Clock, historyLimit = 10_000) {
    this.#clock = clock;
    this.#historyLimit = historyLimit;
  }

  /** The revision of the newest change. */
  get revision(): number {
    return this.#revision;
  }

  /** @param key `name` or `namespace/name` */
  get(plural: string, key: string): KubeObject | undefined {
    return this.#objects.get(plural)?.get(key);
  }

  /** All objects of a kind, in key order. */
  list(plural: string): KubeObject[] {
    const found = [...(this.#objects.get(plural) ?? [])];
    return found.sort(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object);
  }

  /** Creates or replaces, asking nothing; fills in what the server fills in. Returns what is stored. */
  put(plural: string, draft: Draft): KubeObject {
    const kind = kindOf(plural);
    const namespace = kind.isNamespaced ? (draft.metadata.namespace ?? "default") : undefined;
    const previous = this.get(
      plural,
      keyOf({ metadata: { name: draft.metadata.name, ...(namespace && { namespace }) } }),
    );
    const metadata = {
      uid: previous?.metadata.uid ?? randomUUID(),
      creationTimestamp: previous?.metadata.creationTimestamp ?? secondTime(this.#clock.now().wallMs),
      ...(kind.isCustom ? { generation: previous?.metadata.generation ?? 1 } : {}),
      ...structuredClone(draft.metadata),
      ...(namespace === undefined ? {} : { namespace }),
    };
    return this.write(plural, {
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      ...structuredClone(draft),
      metadata: metadata as unknown as KubeObject["metadata"],
    });
  }

  /** Merge patch (RFC 7396) of anything, status too, asking nothing. @throws Error when there is no such object */
  patch(plural: string, key: string, patch: Fields): KubeObject {
    return this.write(plural, mergePatch(this.#required(plural, key), patch) as KubeObject);
  }

  /** Removes at once, whatever the finalizers and grace. Returns whether it was there. */
  remove(plural: string, key: string): boolean {
    const previous = this.get(plural, key);
    if (previous === undefined) return false;
    this.#objects.get(plural)?.delete(key);
    this.#revision += 1;
    const metadata = { ...previous.metadata, resourceVersion: String(this.#revision) };
    this.#publish({ plural, type: "DELETED", revision: this.#revision, object: { ...previous, metadata }, previous });
    return true;
  }

  /** Stores an object under a new resourceVersion; a write that changes nothing keeps the old one, as etcd's. */
  write(plural: string, next: KubeObject): KubeObject {
    const key = keyOf(next);
    const previous = this.get(plural, key);
    if (previous !== undefined && isUnchanged(previous, next)) return previous;
    if (previous !== undefined && isReleased(next)) {
      this.remove(plural, key);
      return next;
    }
    this.#revision += 1;
    const object = { ...next, metadata: { ...next.metadata, resourceVersion: String(this.#revision) } };
    if (!this.#objects.has(plural)) this.#objects.set(plural, new Map());
    this.#objects.get(plural)?.set(key, object);
    const type = previous === undefined ? "ADDED" : "MODIFIED";
    this.#publish({ plural, type, revision: this.#revision, object, previous });
    return object;
  }

  /** Changes of a kind after a revision, or undefined when that is too long ago. */
  since(plural: string, revision: number): StoreEvent[] | undefined {
    if (revision < (this.#oldest.get(plural) ?? 0)) return undefined;
    return (this.#history.get(plural) ?? []).filter((event) => event.revision > revision);
  }

  /** Forgets all history: watches from any earlier revision are answered with 410. */
  compact(): void {
    for (const { plural } of this.#kinds()) {
      this.#history.set(plural, []);
      this.#oldest.set(plural, this.#revision);
    }
  }

  /** As after a restore of etcd's snapshot: objects stay, versions go back to this one, and watches hear nothing more. */
  restore(revision: number): void {
    this.#revision = revision;
    this.#history.clear();
    this.#oldest.clear();
    for (const objects of this.#objects.values()) {
      for (const [key, object] of objects) {
        objects.set(key, { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } });
      }
    }
  }

  /** Calls back after each change. Returns the way to stop. */
  onChange(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #kinds(): { plural: string }[] {
    return [...this.#objects.keys()].map((plural) => ({ plural }));
  }

  #required(plural: string, key: string): KubeObject {
    const found = this.get(plural, key);
    if (found === undefined) throw new Error(`the simulated API server has no ${plural} ${key}`);
    return found;
  }

  #publish(event: StoreEvent): void {
    const history = this.#history.get(event.plural) ?? [];
    this.#history.set(event.plural, history);
    history.push(event);
    if (history.length > this.#historyLimit) {
      const dropped = history.shift();
      this.#oldest.set(event.plural, dropped?.revision ?? 0);
    }
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function isUnchanged(previous: KubeObject, next: KubeObject): boolean {
  const metadata = { ...next.metadata, resourceVersion: previous.metadata.resourceVersion };
  return isSameJson(previous, { ...next, metadata });
}

/** Deletion was asked for and the last finalizer went (pods wait for their grace instead). */
function isReleased(object: KubeObject): boolean {
  const isWaiting =
    (object.metadata.finalizers ?? []).length > 0 || (object.metadata.deletionGracePeriodSeconds ?? 0) > 0;
  return object.metadata.deletionTimestamp !== undefined && !isWaiting;
}
