import type { NodeName, NodeUid } from "../core/model.ts";
import type { MonoMs } from "../core/time.ts";
import { isOlder } from "./resource-version.ts";

/** What is remembered of one Node, to tell when its values changed before our own eyes. */
interface Entry {
  uid: NodeUid;
  version: string;
  statuses: Map<string, { readonly status: string; readonly atMonoMs: MonoMs }>;
  unschedulableSince: MonoMs | undefined;
}

/** What one read of a Node showed. */
export interface NodeShown {
  readonly name: NodeName;
  readonly uid: NodeUid;
  readonly resourceVersion: string;
  readonly conditions: readonly { readonly type: string; readonly status: string }[];
  readonly isUnschedulable: boolean;
}

/** Since when we have seen each value, by our own monotonic clock. */
export interface SeenSince {
  condition(type: string): MonoMs;
  readonly unschedulable: MonoMs | undefined;
}

/**
 * First sights of Node values. Foreign timestamps are never used (DESIGN promise 11). Reads may arrive out of order
 * (a live read beside the watch): an older version changes nothing.
 */
export class NodeSight {
  readonly #now: () => MonoMs;
  readonly #entries = new Map<NodeName, Entry>();

  constructor(now: () => MonoMs) {
    this.#now = now;
  }

  see(shown: NodeShown): SeenSince {
    const known = this.#entries.get(shown.name);
    const now = this.#now();
    if (known !== undefined && known.uid === shown.uid && isOlder(shown.resourceVersion, known.version)) {
      return seenSince(known, now, shown);
    }
    const before = known?.uid === shown.uid ? known : undefined;
    const entry: Entry = {
      uid: shown.uid,
      version: shown.resourceVersion,
      statuses: new Map(
        shown.conditions.map(({ type, status }) => {
          const last = before?.statuses.get(type);
          return [type, last?.status === status ? last : { status, atMonoMs: now }];
        }),
      ),
      unschedulableSince: shown.isUnschedulable ? (before?.unschedulableSince ?? now) : undefined,
    };
    this.#entries.set(shown.name, entry);
    return seenSince(entry, now, shown);
  }

  forget(name: NodeName): void {
    this.#entries.delete(name);
  }

  /** Ages start again: we were blind for too long to say that nothing changed meanwhile. */
  restart(): void {
    const now = this.#now();
    for (const entry of this.#entries.values()) {
      // Versions may have gone back meanwhile, as with a restored etcd: the next read is taken whatever it says.
      entry.version = "";
      for (const [type, { status }] of entry.statuses) entry.statuses.set(type, { status, atMonoMs: now });
      if (entry.unschedulableSince !== undefined) entry.unschedulableSince = now;
    }
  }

  clear(): void {
    this.#entries.clear();
  }
}

function seenSince(entry: Entry, now: MonoMs, shown: NodeShown): SeenSince {
  return {
    condition(type) {
      const status = shown.conditions.find((condition) => condition.type === type)?.status;
      const seen = entry.statuses.get(type);
      return seen?.status === status && seen !== undefined ? seen.atMonoMs : now;
    },
    unschedulable: shown.isUnschedulable ? (entry.unschedulableSince ?? now) : undefined,
  };
}
