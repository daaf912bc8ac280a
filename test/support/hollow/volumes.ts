import type { ApiClient, ApiObject } from "../api-client.ts";

/** A volume of a pod: the name that `status.volumesInUse` has for it, and its PersistentVolume. */
export interface PodVolume {
  readonly uniqueName: string;
  readonly persistentVolume: string;
}

/** Which CSI volumes the pods of a node use, and whether the attacher has brought them. */
export class VolumesOfPods {
  readonly #api: ApiClient;
  readonly #node: string;
  readonly #used = new Map<string, readonly PodVolume[]>();

  constructor(api: ApiClient, node: string) {
    this.#api = api;
    this.#node = node;
  }

  /** As a kubelet writes them into the Node's status: the attach/detach controller keeps what is listed there. */
  get inUse(): readonly string[] {
    return [...new Set([...this.#used.values()].flat().map((volume) => volume.uniqueName))].sort();
  }

  /** Undefined while a claim is not bound. */
  async of(pod: ApiObject): Promise<readonly PodVolume[] | undefined> {
    const claims = (pod.spec.volumes ?? []).filter((volume: ApiObject) => volume.persistentVolumeClaim !== undefined);
    const volumes: PodVolume[] = [];
    for (const volume of claims) {
      const name = volume.persistentVolumeClaim.claimName;
      const claim = await this.#api.get(`/api/v1/namespaces/${pod.metadata.namespace}/persistentvolumeclaims/${name}`);
      if (!claim.spec.volumeName) return undefined;
      const { spec } = await this.#api.get(`/api/v1/persistentvolumes/${claim.spec.volumeName}`);
      if (spec.csi === undefined) continue;
      const uniqueName = `kubernetes.io/csi/${spec.csi.driver}^${spec.csi.volumeHandle}`;
      volumes.push({ uniqueName, persistentVolume: claim.spec.volumeName });
    }
    return volumes;
  }

  async areAttached(volumes: readonly PodVolume[]): Promise<boolean> {
    if (volumes.length === 0) return true;
    const { items } = await this.#api.get("/apis/storage.k8s.io/v1/volumeattachments");
    const here = items.filter((each: ApiObject) => each.spec.nodeName === this.#node && each.status?.attached === true);
    return volumes.every((volume) =>
      here.some(
        (each: ApiObject) =>
          each.spec.source.persistentVolumeName === volume.persistentVolume &&
          each.metadata.deletionTimestamp === undefined,
      ),
    );
  }

  use(podUid: string, volumes: readonly PodVolume[]): void {
    this.#used.set(podUid, volumes);
  }

  release(podUid: string): void {
    this.#used.delete(podUid);
  }
}
