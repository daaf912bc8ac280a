import { messageOf } from "../core/errors.ts";
import { minuteMs } from "../core/time.ts";
import type { ClusterAnnotations } from "../core/view.ts";
import type { Log } from "../ports/log.ts";
import type { PauseSource } from "../ports/pause.ts";
import { aborted } from "../util/aborted.ts";
import { daemonSetsPath, objectPath } from "./paths.ts";
import { Reflector } from "./reflector.ts";
import type { KubeRest } from "./rest.ts";
import type { KubeObject } from "./wire.ts";

type Annotations = Readonly<Record<string, string>>;

const prefix = "aceso.dev/";
const resource = "daemonsets";
const staleAfterMs = 3 * minuteMs;

/** Annotations of the DaemonSet; one that is not there or cannot be read is unreadable, which pauses. */
export class DaemonSetPause implements PauseSource {
  readonly #rest: KubeRest;
  readonly #collection: string;
  readonly #name: string;
  readonly #reflector: Reflector<Annotations>;

  constructor(rest: KubeRest, log: Log, namespace: string, name: string) {
    this.#rest = rest;
    this.#name = name;
    this.#collection = daemonSetsPath(namespace);
    const fieldSelector = `metadata.name=${name}`;
    const options = { path: this.#collection, resource, fieldSelector, project: annotationsOf };
    this.#reflector = new Reflector(rest, log, options);
  }

  current(): ClusterAnnotations {
    if (!this.#reflector.isSynced) return { kind: "unreadable", problem: "the DaemonSet was not read yet" };
    const annotations = this.#reflector.items.get(this.#name);
    if (annotations === undefined) return { kind: "unreadable", problem: `there is no DaemonSet ${this.#name}` };
    const ageMs = this.#rest.parts.clock.now().monoMs - (this.#reflector.lastEventAtMonoMs ?? 0);
    if (ageMs > staleAfterMs)
      return { kind: "unreadable", problem: `the DaemonSet was last heard of ${Math.round(ageMs / 1_000)} s ago` };
    return { kind: "read", annotations };
  }

  async read(signal: AbortSignal): Promise<ClusterAnnotations> {
    try {
      const path = objectPath(this.#collection, this.#name);
      const object = await this.#rest.call({ method: "GET", path, resource, deadlineMs: 3_000, signal });
      return { kind: "read", annotations: annotationsOf(object) };
    } catch (error) {
      return { kind: "unreadable", problem: messageOf(error) };
    }
  }

  onChange(listener: () => void): () => void {
    return this.#reflector.onChange(() => listener());
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#reflector.run(signal);
  }
}

/** For a program that runs outside a cluster: there is no DaemonSet, so nothing pauses everything. */
export class NoPause implements PauseSource {
  current(): ClusterAnnotations {
    return { kind: "none" };
  }

  async read(): Promise<ClusterAnnotations> {
    return { kind: "none" };
  }

  onChange(): () => void {
    return () => undefined;
  }

  /** Lasts as long as a watch would. */
  run(signal: AbortSignal): Promise<void> {
    return aborted(signal);
  }
}

function annotationsOf(object: KubeObject): Annotations {
  const all = Object.entries(object.metadata?.annotations ?? {});
  return Object.fromEntries(all.filter(([key]) => key.startsWith(prefix)));
}
