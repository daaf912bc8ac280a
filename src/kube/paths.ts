/** Collections that Aceso reads or writes, as the API server serves them. */
export const nodesPath = "/api/v1/nodes";
export const repairsPath = "/apis/aceso.dev/v1alpha1/noderepairs";

export function reportsPath(namespace: string): string {
  return `/apis/aceso.dev/v1alpha1/namespaces/${encodeURIComponent(namespace)}/observerreports`;
}

export function daemonSetsPath(namespace: string): string {
  return `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/daemonsets`;
}

export function leasesPath(namespace: string): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
}

/** The kubelets' heartbeats, one Lease a node. */
export const kubeletLeasesPath = leasesPath("kube-node-lease");

/** One object of a collection. */
export function objectPath(collection: string, name: string): string {
  return `${collection}/${encodeURIComponent(name)}`;
}
