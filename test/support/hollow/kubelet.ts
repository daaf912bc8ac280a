import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../../src/ports/clock.ts";
import { type ApiClient, type ApiObject, mergePatch } from "../api-client.ts";
import type { KubeletHost } from "./kubelet-host.ts";
import {
  type Condition,
  mergeConditions,
  type NodeSettings,
  toMicroTime,
  toNode,
  toStatus,
  toTime,
  usualConditions,
} from "./node-object.ts";
import { HollowPods } from "./pods.ts";

/** How often a kubelet compares what the API says of its node with what it would say, as real ones do. */
const compareEveryMs = 10_000;

export interface KubeletOptions extends NodeSettings {
  readonly api: ApiClient;
  readonly machine: KubeletHost;
  /** Between two renewals of the Lease, 10 s where nothing is said. */
  readonly leaseIntervalMs?: number;
  /** Between two posts of an unchanged status, 5 min where nothing is said. */
  readonly statusIntervalMs?: number;
  /** How long an ending pod takes, 0 where nothing is said. */
  readonly terminationMs?: number;
  /** Ready only while a pod with this label runs on it, as a node whose network comes with a DaemonSet. */
  readonly readyOnlyWith?: { readonly label: string; readonly value: string };
}

/**
 * What the API sees of a node: registers, renews the Lease, posts status, runs pods. It lives while its machine talks;
 * each life begins with registration, as a kubelet's does.
 */
export class HollowKubelet {
  readonly name: string;
  readonly #options: KubeletOptions;
  readonly #clock: Clock;
  readonly #conditions = new Map<string, Condition>();
  readonly #unsubscribe: () => void;
  #life: { readonly end: AbortController; readonly over: Promise<void> } | undefined;
  #pods: HollowPods | undefined;
  #posting: Promise<void> = Promise.resolve();

  constructor(options: KubeletOptions) {
    this.name = options.machine.name;
    this.#options = options;
    this.#clock = options.machine.clock;
    this.#unsubscribe = options.machine.onChange(() => this.#follow());
    this.#follow();
  }

  /** Says something else than usual about the node (Ready=False with a living Lease, DiskPressure, …) from now on. */
  setCondition(condition: Condition): Promise<void> {
    this.#conditions.set(condition.type, condition);
    return this.#postIfAlive();
  }

  /** Takes `setCondition` back. */
  clearCondition(type: string): Promise<void> {
    this.#conditions.delete(type);
    return this.#postIfAlive();
  }

  /** Ends it without a word to the API; resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#life?.end.abort();
    await this.#life?.over;
  }

  #follow(): void {
    const { isTalking } = this.#options.machine;
    if (isTalking && (this.#life === undefined || this.#life.end.signal.aborted)) {
      const end = new AbortController();
      const before = this.#life?.over ?? Promise.resolve();
      this.#life = { end, over: before.then(() => this.#live(end.signal)) };
    }
    if (!isTalking) this.#life?.end.abort();
  }

  async #live(signal: AbortSignal): Promise<void> {
    const { api, terminationMs = 0, leaseIntervalMs = 10_000, statusIntervalMs = 300_000 } = this.#options;
    const clock = this.#clock;
    this.#pods = new HollowPods({ api, clock, node: this.name, terminationMs, onChange: () => this.#post(signal) });
    const isRegistered = await this.#untilDone(() => this.#register(signal), signal);
    if (!isRegistered) return;
    await Promise.all([
      this.#repeat(() => this.#renewLease(signal), leaseIntervalMs, signal),
      this.#repeat(() => this.#post(signal), statusIntervalMs, signal),
      this.#repeat(() => this.#correct(signal), compareEveryMs, signal),
      this.#pods.run(signal),
    ]);
  }

  async #register(signal: AbortSignal): Promise<void> {
    const node = toNode(this.#options.machine, this.#options);
    const answer = await this.#options.api.call("POST", "/api/v1/nodes", node, { signal });
    if (answer.status !== 201 && answer.status !== 409) throw new Error(`register: ${answer.body?.message}`);
    await this.#renewLease(signal);
    await this.#post(signal);
  }

  async #renewLease(signal: AbortSignal): Promise<void> {
    const { api } = this.#options;
    const folder = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
    const renewTime = toMicroTime(this.#clock.now().wallMs);
    const spec = { holderIdentity: this.name, leaseDurationSeconds: 40, renewTime };
    const options = { contentType: mergePatch, signal };
    const answer = await api.call("PATCH", `${folder}/${this.name}`, { spec }, options);
    if (answer.status !== 404) return;
    const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: this.name }, spec };
    await api.call("POST", folder, lease, { signal });
  }

  /** Posts are made one after the other: a later one must not be overtaken by an earlier one. */
  #post(signal: AbortSignal): Promise<void> {
    const posted = this.#posting.then(() => this.#postOnce(signal));
    this.#posting = posted.catch(() => {});
    return posted;
  }

  async #postOnce(signal: AbortSignal): Promise<void> {
    const { api, machine } = this.#options;
    const path = `/api/v1/nodes/${this.name}`;
    for (let tries = 0; tries < 5 && !signal.aborted; tries += 1) {
      const read = await api.call("GET", path, undefined, { signal });
      if (read.status !== 200) return;
      const now = toTime(this.#clock.now().wallMs);
      const conditions = mergeConditions(read.body.status?.conditions ?? [], this.#wantedConditions(), now);
      const status: ApiObject = { ...toStatus(machine, this.#options, this.#pods?.volumesInUse ?? []), conditions };
      const body = { metadata: { resourceVersion: read.body.metadata.resourceVersion }, status };
      const answer = await api.call("PATCH", `${path}/status`, body, { contentType: mergePatch, signal });
      if (answer.status !== 409) return;
    }
  }

  /**
   * Posts again what the API does not say, or does not say any more: the node controller calls a node Unknown whose
   * renewals were late on a busy machine.
   */
  async #correct(signal: AbortSignal): Promise<void> {
    const { api, machine } = this.#options;
    const { status, body } = await api.call("GET", `/api/v1/nodes/${this.name}`, undefined, { signal });
    if (status !== 200) return;
    const { conditions = [], nodeInfo, volumesInUse = [] }: ApiObject = body.status ?? {};
    const isSaid = ({ type, status: wanted }: Condition) =>
      conditions.some((each: ApiObject) => each.type === type && each.status === wanted);
    const isUsed = isDeepStrictEqual(volumesInUse, this.#pods?.volumesInUse ?? []);
    if (this.#wantedConditions().every(isSaid) && isUsed && nodeInfo?.bootID === machine.bootId) return;
    await this.#post(signal);
  }

  #wantedConditions(): readonly Condition[] {
    const { readyOnlyWith } = this.#options;
    const isReady =
      readyOnlyWith === undefined || this.#pods?.hasRunning(readyOnlyWith.label, readyOnlyWith.value) === true;
    const usual = usualConditions(isReady).filter((condition) => !this.#conditions.has(condition.type));
    return [...usual, ...this.#conditions.values()];
  }

  async #postIfAlive(): Promise<void> {
    const signal = this.#life?.end.signal;
    if (signal !== undefined && !signal.aborted) await this.#post(signal);
  }

  /** Tries every second; an API server that is away is waited for. */
  async #untilDone(work: () => Promise<void>, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const isDone = await work().then(
        () => true,
        () => false,
      );
      if (isDone) return true;
      await this.#clock.sleep(1_000, signal).catch(() => {});
    }
    return false;
  }

  async #repeat(work: () => Promise<void>, intervalMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(intervalMs, signal).catch(() => {});
      // a renewal that did not get through is made up for by the next
      if (!signal.aborted) await work().catch(() => {});
    }
  }
}
