import type { ApiObject } from "../api-client.ts";
import type { KubeletHost } from "./kubelet-host.ts";

export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason?: string;
  readonly message?: string;
}

export interface NodeSettings {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  /** 127.0.0.1 where nothing is said. */
  readonly internalIP?: string;
  readonly kubeletPort?: number;
}

/** The Node that a kubelet registers, without status. */
export function toNode(machine: KubeletHost, settings: NodeSettings): ApiObject {
  const role = machine.role === "master" ? { "node-role.kubernetes.io/control-plane": "" } : {};
  const labels = {
    "kubernetes.io/hostname": machine.name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    "topology.kubernetes.io/zone": "a",
    ...role,
    ...settings.labels,
  };
  // without it the attach/detach controller leaves the node alone
  const annotations = { "volumes.kubernetes.io/controller-managed-attach-detach": "true", ...settings.annotations };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: machine.name, labels, annotations },
    spec: { providerID: machine.providerID, ...(settings.taints === undefined ? {} : { taints: settings.taints }) },
  };
}

/** The status that a kubelet posts, but for `conditions`. */
export function toStatus(machine: KubeletHost, settings: NodeSettings, volumesInUse: readonly string[]): ApiObject {
  const size = { cpu: "8", memory: "32Gi", pods: "110", "ephemeral-storage": "100Gi" };
  return {
    capacity: size,
    allocatable: size,
    addresses: [
      { type: "InternalIP", address: settings.internalIP ?? "127.0.0.1" },
      { type: "Hostname", address: machine.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: settings.kubeletPort ?? 10_250 } },
    volumesInUse,
    nodeInfo: {
      machineID: machine.systemUUID.replaceAll("-", ""),
      systemUUID: machine.systemUUID,
      bootID: machine.bootId,
      kernelVersion: "6.1.0",
      osImage: "Hollow",
      containerRuntimeVersion: "hollow://1",
      kubeletVersion: "v1.36.3",
      kubeProxyVersion: "",
      operatingSystem: "linux",
      architecture: "amd64",
    },
  };
}

/** What a kubelet says of a node that is well, or not yet ready. */
export function usualConditions(isReady: boolean): readonly Condition[] {
  const ready: Condition = isReady
    ? { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" }
    : { type: "Ready", status: "False", reason: "KubeletNotReady", message: "network plugin is not ready" };
  const pressures = ["MemoryPressure", "DiskPressure", "PIDPressure"];
  return [...pressures.map((type): Condition => ({ type, status: "False", reason: `KubeletHasNo${type}` })), ready];
}

/**
 * The condition list to post: `wanted` over what is there, conditions of others kept, and the time of a transition
 * moved only where the status changes.
 */
export function mergeConditions(there: readonly ApiObject[], wanted: readonly Condition[], now: string): ApiObject[] {
  const kept = there.filter((old) => !wanted.some((condition) => condition.type === old.type));
  const posted = wanted.map((condition) => {
    const old = there.find((each) => each.type === condition.type);
    const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : now;
    return { reason: "", message: "", ...condition, lastHeartbeatTime: now, lastTransitionTime };
  });
  return [...kept, ...posted];
}

/** RFC 3339 to the second, as Kubernetes' Time. */
export function toTime(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19)}Z`;
}

/** RFC 3339 with exactly six digits, as Kubernetes' MicroTime; the API server takes no other number of them. */
export function toMicroTime(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, -1)}000Z`;
}
