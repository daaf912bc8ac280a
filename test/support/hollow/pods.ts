import type { Clock } from "../../../src/ports/clock.ts";
import { type ApiClient, type ApiObject, mergePatch } from "../api-client.ts";
import { follow } from "../follow.ts";
import { Bell } from "./bell.ts";
import { toTime } from "./node-object.ts";
import { VolumesOfPods } from "./volumes.ts";

/** A pod with this annotation never ends by itself, as one whose process hangs in the kernel. */
export const stuckAnnotation = "hollow/stuck";

export interface PodSettings {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly node: string;
  /** How long a pod that is told to end takes, in ms. */
  readonly terminationMs: number;
  /** Called when the set of running pods or of volumes in use has changed; resolves when the node's status says so. */
  readonly onChange: () => Promise<void>;
}

/** The pods of one boot of one hollow kubelet: runs them in name only, and lets them end. */
export class HollowPods {
  readonly #settings: PodSettings;
  readonly #pods = new Map<string, ApiObject>();
  readonly #running = new Set<string>();
  readonly #volumes: VolumesOfPods;
  readonly #bell = new Bell();

  constructor(settings: PodSettings) {
    this.#settings = settings;
    this.#volumes = new VolumesOfPods(settings.api, settings.node);
  }

  get volumesInUse(): readonly string[] {
    return this.#volumes.inUse;
  }

  /** Whether a pod runs here that carries the label. */
  hasRunning(label: string, value: string): boolean {
    return [...this.#running].some((uid) => this.#pods.get(uid)?.metadata.labels?.[label] === value);
  }

  /** Follows the node's pods until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { api, clock, node } = this.#settings;
    const path = `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`;
    const onList = (items: readonly ApiObject[]) => this.#forgetAllBut(new Set(items.map((pod) => pod.metadata.uid)));
    const watching = follow(api, path, (event) => this.#see(event.type, event.object), { clock, signal, onList });
    while (!signal.aborted) {
      const isWaiting = await this.#syncAll(signal);
      await this.#bell.wait(clock, signal, isWaiting ? 250 : undefined);
    }
    await watching;
  }

  #see(type: string, pod: ApiObject): void {
    if (type === "DELETED") this.#pods.delete(pod.metadata.uid);
    else this.#pods.set(pod.metadata.uid, pod);
    this.#bell.ring();
  }

  #forgetAllBut(uids: ReadonlySet<string>): void {
    for (const uid of this.#pods.keys()) if (!uids.has(uid)) this.#pods.delete(uid);
    this.#bell.ring();
  }

  /** @returns whether something must be looked at again without a change of any pod */
  async #syncAll(signal: AbortSignal): Promise<boolean> {
    let isWaiting = false;
    for (const uid of this.#running) if (!this.#pods.has(uid)) await this.#stopped(uid);
    for (const pod of [...this.#pods.values()]) {
      if (signal.aborted) return false;
      // an API server that is away is asked again
      isWaiting = (await this.#sync(pod, signal).catch(() => true)) || isWaiting;
    }
    return isWaiting;
  }

  async #sync(pod: ApiObject, signal: AbortSignal): Promise<boolean> {
    const { uid, deletionTimestamp, annotations } = pod.metadata;
    if (deletionTimestamp !== undefined) {
      if (annotations?.[stuckAnnotation] === undefined) await this.#finish(pod, signal);
      return false;
    }
    const { phase, conditions } = pod.status;
    if (phase !== "Pending" && phase !== "Running") return false;
    if (this.#running.has(uid) && isReady(conditions)) return false;
    const volumes = await this.#volumes.of(pod);
    if (volumes === undefined || !(await this.#volumes.areAttached(volumes))) return true;
    this.#volumes.use(uid, volumes);
    if (volumes.length > 0) await this.#settings.onChange();
    await this.#start(pod, signal);
    return false;
  }

  async #start(pod: ApiObject, signal: AbortSignal): Promise<void> {
    const now = toTime(this.#settings.clock.now().wallMs);
    const types = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];
    const status = {
      phase: "Running",
      startTime: pod.status.startTime ?? now,
      conditions: types.map((type) => ({ type, status: "True", lastTransitionTime: now })),
      containerStatuses: pod.spec.containers.map((container: ApiObject) => ({
        name: container.name,
        image: container.image,
        imageID: "",
        ready: true,
        started: true,
        restartCount: 0,
        state: { running: { startedAt: now } },
      })),
    };
    const body = { metadata: { uid: pod.metadata.uid }, status };
    const answer = await this.#settings.api.call("PATCH", `${pathOf(pod)}/status`, body, {
      contentType: mergePatch,
      signal,
    });
    if (answer.status >= 300) return;
    this.#running.add(pod.metadata.uid);
    this.#pods.set(pod.metadata.uid, answer.body);
    await this.#settings.onChange();
  }

  async #finish(pod: ApiObject, signal: AbortSignal): Promise<void> {
    const { api, clock, terminationMs } = this.#settings;
    if (terminationMs > 0) await clock.sleep(terminationMs, signal);
    await this.#stopped(pod.metadata.uid);
    const body = { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } };
    const answer = await api.call("DELETE", pathOf(pod), body, { signal });
    if (answer.status < 300 || answer.status === 404 || answer.status === 409) this.#pods.delete(pod.metadata.uid);
  }

  async #stopped(uid: string): Promise<void> {
    if (!this.#running.delete(uid)) return;
    this.#volumes.release(uid);
    await this.#settings.onChange();
  }
}

function isReady(conditions: readonly ApiObject[] | undefined): boolean {
  return (conditions ?? []).some((condition) => condition.type === "Ready" && condition.status === "True");
}

function pathOf(pod: ApiObject): string {
  return `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`;
}
