import { systemClock } from "../../src/app/clock.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { ApiClient, ApiObject } from "./api-client.ts";
import { follow } from "./follow.ts";

export const csiDriver = "fake.csi";
const finalizer = "external-attacher/fake-csi";
const attachments = "/apis/storage.k8s.io/v1/volumeattachments";

export interface AttacherOptions {
  readonly clock?: Clock;
  /** How long attaching takes, 0 where nothing is said. */
  readonly attachMs?: number;
  /** How long detaching takes, 1 s where nothing is said. */
  readonly detachMs?: number;
}

/**
 * The part of a CSI driver that the API sees (external-attacher): an attachment gets a finalizer and is said to be
 * attached; when it is deleted, it is said to be detached, and the finalizer goes.
 *
 * @returns what ends it
 */
export function startFakeAttacher(api: ApiClient, options: AttacherOptions = {}): { stop(): Promise<void> } {
  const { clock = systemClock, attachMs = 0, detachMs = 1_000 } = options;
  const end = new AbortController();
  const tasks = new Set<Promise<void>>();
  const begun = new Set<string>();
  const once = (key: string, work: () => Promise<void>) => {
    if (begun.has(key)) return;
    begun.add(key);
    // one that did not succeed is begun again at the next change
    const task = work().catch(() => void begun.delete(key));
    tasks.add(task);
    void task.then(() => tasks.delete(task));
  };
  const attach = async (path: string) => {
    if (attachMs > 0) await clock.sleep(attachMs, end.signal);
    await api.patch(path, { metadata: { finalizers: [finalizer] } });
    await api.patch(`${path}/status`, { status: { attached: true } });
  };
  const detach = async (path: string) => {
    if (detachMs > 0) await clock.sleep(detachMs, end.signal);
    await api.patch(`${path}/status`, { status: { attached: false } });
    await api.patch(path, { metadata: { finalizers: null } });
  };
  const see = (attachment: ApiObject) => {
    const { name, uid, deletionTimestamp } = attachment.metadata;
    const path = `${attachments}/${name}`;
    if (deletionTimestamp !== undefined) once(`${uid} detach`, () => detach(path));
    else if (attachment.status?.attached !== true) once(`${uid} attach`, () => attach(path));
  };
  const following = follow(
    api,
    attachments,
    ({ type, object }) => {
      if (type !== "DELETED" && object.spec.attacher === csiDriver) see(object);
    },
    { clock, signal: end.signal },
  );
  return {
    async stop() {
      end.abort();
      await following;
      await Promise.allSettled(tasks);
    },
  };
}

/**
 * What a StatefulSet with one ReadWriteOnce volume needs: driver, class, one PersistentVolume a replica (already bound
 * to its claim), the set. Pods stay bound to a dead node for as long as Kubernetes lets them (no shortened tolerations).
 */
export function statefulSetWithVolume(name: string, replicas = 1, namespace = "default"): readonly ApiObject[] {
  const storageClassName = "fake";
  const volumes = Array.from({ length: replicas }, (_, index) => ({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `pv-${name}-${index}` },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName,
      csi: { driver: csiDriver, volumeHandle: `volume-${name}-${index}` },
      claimRef: { namespace, name: `data-${name}-${index}` },
    },
  }));
  const claim = {
    metadata: { name: "data" },
    spec: { accessModes: ["ReadWriteOnce"], storageClassName, resources: { requests: { storage: "1Gi" } } },
  };
  const container = { name: "main", image: "hollow/app", volumeMounts: [{ name: "data", mountPath: "/data" }] };
  const set = {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name, namespace },
    spec: {
      replicas,
      serviceName: name,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [container] } },
      volumeClaimTemplates: [claim],
    },
  };
  return [...volumes, set];
}

/** The same with pods that run on this node while they can, and elsewhere while they cannot. */
export function preferringNode(node: string, objects: readonly ApiObject[]): readonly ApiObject[] {
  const here = { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] };
  const nodeAffinity = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: here }] };
  return objects.map((object) => {
    if (object.kind !== "StatefulSet") return object;
    const { template } = object.spec;
    const spec = { ...template.spec, affinity: { ...template.spec.affinity, nodeAffinity } };
    return { ...object, spec: { ...object.spec, template: { ...template, spec } } };
  });
}

/** The driver and its class, once a cluster. */
export function csiDriverObjects(): readonly ApiObject[] {
  return [
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "CSIDriver",
      metadata: { name: csiDriver },
      spec: { attachRequired: true, podInfoOnMount: false },
    },
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "fake" },
      provisioner: "kubernetes.io/no-provisioner",
      volumeBindingMode: "Immediate",
    },
  ];
}

/** Name of the node to which a PersistentVolume is attached now (and not being detached). */
export async function findAttachedNode(api: ApiClient, persistentVolume: string): Promise<string | undefined> {
  const { items } = await api.get(attachments);
  const found = items.find(
    (each: ApiObject) =>
      each.spec.source.persistentVolumeName === persistentVolume &&
      each.status?.attached === true &&
      each.metadata.deletionTimestamp === undefined,
  );
  return found?.spec.nodeName;
}
