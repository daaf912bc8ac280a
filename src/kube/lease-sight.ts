import type { LeaseSight, NodeName } from "../core/model.ts";
import type { MonoMs } from "../core/time.ts";
import { isOlder } from "./resource-version.ts";
import type { KubeObject } from "./wire.ts";

/** After this long without a successful read an unchanged Lease proves nothing: its age starts again. */
export const blindMs = 15_000;

interface Entry {
  readonly sight: LeaseSight;
  readonly resourceVersion: string;
}

/** First sights of the kubelets' Leases, by our own monotonic clock. */
export class LeaseSights {
  readonly #now: () => MonoMs;
  #entries = new Map<NodeName, Entry>();

  constructor(now: () => MonoMs) {
    this.#now = now;
  }

  of(node: NodeName): LeaseSight | undefined {
    return this.#entries.get(node)?.sight;
  }

  /**
   * Takes in one read, live or listed. An older version than the one seen last is a late answer and changes nothing,
   * unless nothing else came for the blind time: then versions went back, as by a restore of etcd.
   */
  see(node: NodeName, lease: KubeObject): LeaseSight {
    const now = this.#now();
    const known = this.#entries.get(node);
    const resourceVersion = lease.metadata?.resourceVersion ?? "";
    const isBlind = known === undefined || now - known.sight.readAtMonoMs >= blindMs;
    if (!isBlind && isOlder(resourceVersion, known.resourceVersion)) return known.sight;
    const version = versionOf(lease);
    const isUnchanged = !isBlind && known.sight.version === version;
    const sight = {
      version,
      changedAtMonoMs: isUnchanged ? known.sight.changedAtMonoMs : now,
      readAtMonoMs: now,
      hasMoved: isBlind ? false : known.sight.hasMoved || known.sight.version !== version,
    };
    this.#entries.set(node, { sight, resourceVersion });
    return sight;
  }

  /** Drops the Leases that a complete list did not show. */
  keepOnly(listed: ReadonlySet<NodeName>): void {
    for (const name of this.#entries.keys()) if (!listed.has(name)) this.#entries.delete(name);
  }

  forget(node: NodeName): void {
    this.#entries.delete(node);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** Changes with each renewal, and with a Lease made anew. Other edits of the object are no sign of life. */
function versionOf(lease: KubeObject): string {
  const spec = lease.spec as { readonly renewTime?: unknown } | undefined;
  const mark = spec?.renewTime ?? lease.metadata?.resourceVersion ?? "";
  return `${lease.metadata?.uid ?? ""}/${String(mark)}`;
}
