import { createHash } from "node:crypto";
import { type Fields, microTime, secondTime } from "./object.ts";
import type { Draft } from "./store.ts";

/** A UUID that is always the same for the same text. */
export function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export interface NodeTraits {
  readonly bootID?: string;
  readonly isControlPlane?: boolean;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly internalIP?: string;
  readonly providerID?: string;
  readonly kubeletPort?: number;
}

/** Conditions as a living kubelet posts them. */
export function livingConditions(wallMs: number, ready = "True"): Fields[] {
  const at = secondTime(wallMs);
  const one = (type: string, status: string, reason: string) => ({
    ...{ type, status, reason, message: "simulated", lastHeartbeatTime: at, lastTransitionTime: at },
  });
  return [
    one("MemoryPressure", "False", "KubeletHasSufficientMemory"),
    one("DiskPressure", "False", "KubeletHasNoDiskPressure"),
    one("PIDPressure", "False", "KubeletHasSufficientPID"),
    one("Ready", ready, ready === "True" ? "KubeletReady" : "KubeletNotReady"),
  ];
}

/** A Ready node, as its kubelet registers it. */
export function nodeDraft(name: string, wallMs: number, traits: NodeTraits = {}): Draft {
  const role = traits.isControlPlane ? { "node-role.kubernetes.io/control-plane": "" } : {};
  const size = { cpu: "8", memory: "32Gi", pods: "110" };
  return {
    metadata: {
      name,
      labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", ...role, ...traits.labels },
      annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true", ...traits.annotations },
    },
    spec: { providerID: traits.providerID ?? `simulated:///${name}` },
    status: {
      capacity: size,
      allocatable: size,
      conditions: livingConditions(wallMs),
      addresses: [
        { type: "InternalIP", address: traits.internalIP ?? "127.0.0.1" },
        { type: "Hostname", address: name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: traits.kubeletPort ?? 10_250 } },
      nodeInfo: {
        machineID: uuidOf(`machine ${name}`).replaceAll("-", ""),
        systemUUID: uuidOf(`system ${name}`),
        bootID: traits.bootID ?? uuidOf(`boot ${name}`),
        kernelVersion: "6.1.0",
        osImage: "simulated",
        containerRuntimeVersion: "containerd://2.1.0",
        kubeletVersion: "v1.36.3",
        kubeProxyVersion: "",
        operatingSystem: "linux",
        architecture: "amd64",
      },
    },
  };
}

/** A kubelet's Lease. */
export function nodeLeaseDraft(name: string, wallMs: number): Draft {
  return {
    metadata: { name, namespace: "kube-node-lease" },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTime(wallMs) },
  };
}

/** A Running pod on a node; with `claim` it uses that PersistentVolumeClaim of its namespace. */
export function podDraft(
  name: string,
  nodeName: string,
  traits: { claim?: string; spec?: Fields; metadata?: Fields } = {},
): Draft {
  const volumes =
    traits.claim === undefined ? [] : [{ name: "data", persistentVolumeClaim: { claimName: traits.claim } }];
  return {
    metadata: { name, namespace: "default", ...traits.metadata },
    spec: {
      nodeName,
      terminationGracePeriodSeconds: 30,
      containers: [{ name: "main", image: "simulated" }],
      volumes,
      ...traits.spec,
    },
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  };
}

/** A bound PersistentVolume and its claim, ReadWriteOnce, as a CSI driver provisions them. */
export function volumeDrafts(claim: string, namespace = "default", spec: Fields = {}): { volume: Draft; claim: Draft } {
  const name = `pv-${namespace}-${claim}`;
  const claimRef = { kind: "PersistentVolumeClaim", namespace, name: claim };
  const common = { accessModes: ["ReadWriteOnce"], storageClassName: "" };
  return {
    volume: {
      metadata: { name },
      spec: {
        ...common,
        capacity: { storage: "1Gi" },
        claimRef,
        csi: { driver: "fake.csi", volumeHandle: name },
        ...spec,
      },
      status: { phase: "Bound" },
    },
    claim: {
      metadata: { name: claim, namespace },
      spec: { ...common, volumeName: name, resources: { requests: { storage: "1Gi" } } },
      status: { phase: "Bound" },
    },
  };
}

/** A StatefulSet whose pods each use a claim `data-NAME-N`. */
export function statefulSetDraft(
  name: string,
  replicas: number,
  traits: { hasVolumes?: boolean; template?: Fields } = {},
): Draft {
  const labels = { app: name };
  const claims = [
    {
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    },
  ];
  return {
    metadata: { name, namespace: "default" },
    spec: {
      replicas,
      serviceName: name,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "main", image: "simulated" }], ...traits.template },
      },
      ...(traits.hasVolumes ? { volumeClaimTemplates: claims } : {}),
    },
  };
}
