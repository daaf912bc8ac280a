import type { ApiObject } from "../support/api-client.ts";
import type { Scenario } from "../support/e2e-stage/scenario.ts";
import { eventually } from "../support/eventually.ts";
import { findAttachedNode, statefulSetWithVolume } from "../support/fake-csi.ts";
import { hasOutOfServiceTaint, type RecordedKind, type RecordedVersion } from "../support/recorder.ts";

/** What became of one node and the pod with a volume on it; milliseconds after the last heartbeat, NaN: never seen. */
export interface Fate {
  readonly firstEffectMs: number;
  readonly notReadyMs: number;
  readonly taintedMs: number;
  /** The pod got a deletionTimestamp. */
  readonly terminatingMs: number;
  /** The pod object is gone. */
  readonly releasedMs: number;
  readonly attachedElsewhereMs: number;
  /** How long was watched. */
  readonly watchedMs: number;
}

/** A StatefulSet of one pod with a ReadWriteOnce volume; pods of such sets keep away from each other. */
export function lonelySet(name: string): readonly ApiObject[] {
  return statefulSetWithVolume(name).map((object) => {
    if (object.kind !== "StatefulSet") return object;
    const { template } = object.spec;
    const labels = { ...template.metadata.labels, lonely: "true" };
    const term = { labelSelector: { matchLabels: { lonely: "true" } }, topologyKey: "kubernetes.io/hostname" };
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    const spec = { ...object.spec, template: { metadata: { labels }, spec: { ...template.spec, affinity } } };
    return { ...object, spec };
  });
}

/** The node on which the set's pod runs with its volume attached, as soon as that is so. */
export function homeOf({ plane }: Scenario, set: string): Promise<string> {
  return eventually(
    `the pod of ${set} runs with its volume`,
    async () => {
      const pod: ApiObject = await plane.api.get(`/api/v1/namespaces/default/pods/${set}-0`);
      const node = pod.status.phase === "Running" && pod.metadata.deletionTimestamp === undefined && pod.spec.nodeName;
      return node && (await findAttachedNode(plane.api, `pv-${set}-0`)) === node && node;
    },
    { withinMs: 60_000 },
  );
}

/** Reads a node's story from the recorder, from its last Lease before the present moment on. */
export class Victim {
  readonly node: string;
  readonly #scene: Scenario;
  readonly #set: string;
  readonly #heartbeat: number;
  readonly #begun: number;
  #isKnownAttached = false;

  constructor(scene: Scenario, set: string, node: string) {
    const lease = scene.recorder.of("Lease", node).at(-1);
    if (lease === undefined) throw new Error(`${node} has not renewed its Lease yet`);
    this.node = node;
    this.#scene = scene;
    this.#set = set;
    this.#heartbeat = lease.receivedAtMonoMs;
    this.#begun = performance.now();
  }

  get isAttachedElsewhere(): boolean {
    this.#isKnownAttached ||= Number.isFinite(this.fate().attachedElsewhereMs);
    return this.#isKnownAttached;
  }

  fate(): Fate {
    const volume = `pv-${this.#set}-0`;
    const isElsewhere = ({ object: { spec, status } }: RecordedVersion) =>
      spec.source.persistentVolumeName === volume && spec.nodeName !== this.node && status?.attached === true;
    const pod = `${this.#set}-0`;
    return {
      firstEffectMs: this.#first("Node", ({ object }) => object.spec.unschedulable === true, this.node),
      notReadyMs: this.#first("Node", ({ object }) => !isReady(object), this.node),
      taintedMs: this.#first("Node", ({ object }) => hasOutOfServiceTaint(object), this.node),
      terminatingMs: this.#first("Pod", ({ object }) => object.metadata.deletionTimestamp !== undefined, pod),
      releasedMs: this.#first("Pod", ({ type }) => type === "DELETED", pod),
      attachedElsewhereMs: this.#first("VolumeAttachment", isElsewhere),
      watchedMs: performance.now() - this.#begun,
    };
  }

  #first(kind: RecordedKind, isIt: (version: RecordedVersion) => boolean, name?: string): number {
    const found = this.#scene.recorder
      .of(kind, name)
      .find((version) => version.receivedAtMonoMs >= this.#heartbeat && isIt(version));
    return found === undefined ? Number.NaN : found.receivedAtMonoMs - this.#heartbeat;
  }
}

function isReady(node: ApiObject): boolean {
  return (node.status?.conditions ?? []).some((it: ApiObject) => it.type === "Ready" && it.status === "True");
}
