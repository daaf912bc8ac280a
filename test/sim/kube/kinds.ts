/** What the simulated server knows of one kind. */
export interface Kind {
  readonly plural: string;
  readonly kind: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly isNamespaced: boolean;
  /** Served from a CRD: no strategic merge patch, only `status` moves on /status, generation grows with the rest. */
  readonly isCustom: boolean;
  readonly hasStatus: boolean;
  /** A PUT without resourceVersion overwrites. */
  readonly mayUpdateBlindly: boolean;
}

function kind(plural: string, name: string, group: string, version: string, traits: Partial<Kind> = {}): Kind {
  return {
    plural,
    kind: name,
    group,
    version,
    isNamespaced: true,
    isCustom: false,
    hasStatus: true,
    mayUpdateBlindly: true,
    ...traits,
  };
}

const isClusterScoped = { isNamespaced: false };
const isPlain = { hasStatus: false };
const isCustom = { isCustom: true, mayUpdateBlindly: false };

export const kinds: readonly Kind[] = [
  kind("namespaces", "Namespace", "", "v1", isClusterScoped),
  kind("nodes", "Node", "", "v1", isClusterScoped),
  kind("pods", "Pod", "", "v1"),
  kind("configmaps", "ConfigMap", "", "v1", isPlain),
  kind("persistentvolumes", "PersistentVolume", "", "v1", isClusterScoped),
  kind("persistentvolumeclaims", "PersistentVolumeClaim", "", "v1"),
  kind("daemonsets", "DaemonSet", "apps", "v1"),
  kind("statefulsets", "StatefulSet", "apps", "v1"),
  kind("leases", "Lease", "coordination.k8s.io", "v1", { ...isPlain, mayUpdateBlindly: false }),
  kind("events", "Event", "events.k8s.io", "v1", isPlain),
  kind("poddisruptionbudgets", "PodDisruptionBudget", "policy", "v1", { mayUpdateBlindly: false }),
  kind("volumeattachments", "VolumeAttachment", "storage.k8s.io", "v1", {
    ...isClusterScoped,
    mayUpdateBlindly: false,
  }),
  kind("noderepairs", "NodeRepair", "aceso.dev", "v1alpha1", { ...isClusterScoped, ...isCustom }),
  kind("observerreports", "ObserverReport", "aceso.dev", "v1alpha1", { ...isCustom, ...isPlain }),
];

export function apiVersionOf(kind: Kind): string {
  return kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
}

/** As error messages write it: `leases.coordination.k8s.io`, `nodes`. */
export function resourceNameOf(kind: Kind): string {
  return kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
}

export function findKind(group: string, version: string, plural: string): Kind | undefined {
  return kinds.find((one) => one.group === group && one.version === version && one.plural === plural);
}

/** @throws Error for a kind that is not simulated */
export function kindOf(plural: string): Kind {
  const found = kinds.find((one) => one.plural === plural);
  if (found === undefined) throw new Error(`the simulated API server has no kind ${plural}`);
  return found;
}
