import { about, type Diagnosis } from "./diagnosis.ts";
import type { ClusterFacts } from "./facts.ts";
import { unreadable } from "./seen.ts";

const { ok, warning, error } = about("installation");

export const installCommand = "kubectl create -f manifests/aceso.yaml";

/** Nothing of Aceso is in the cluster: what is missing is no fault yet. */
export function isInstalled({ customResources, daemonSet, records }: ClusterFacts): boolean {
  const hasResource = records.kind === "seen" || [...customResources.values()].some((it) => it.kind !== "missing");
  return hasResource || daemonSet.kind !== "missing";
}

/** Whether Aceso is there, and whether all of its replicas run. */
export function diagnoseInstallation(
  cluster: ClusterFacts,
  namespace: string,
  daemonSetName: string | undefined,
): readonly Diagnosis[] {
  const { daemonSet } = cluster;
  if (!isInstalled(cluster)) return [warning("Aceso is not installed in this cluster", installCommand)];
  if (daemonSetName === undefined) return [ok("Aceso's custom resources are there; no DaemonSet is asked about")];
  const name = `daemonset ${namespace}/${daemonSetName}`;
  if (daemonSet.kind === "unreadable") return [unreadable("installation", name, daemonSet)];
  if (daemonSet.kind === "missing") {
    const remedy = `${installCommand}; where it has another name say --namespace and --daemonset`;
    return [
      error(`${name} does not exist: no replica runs, and a replica elsewhere takes everything as paused`, remedy),
    ];
  }
  const { desired, ready } = daemonSet.value;
  const pods = `kubectl -n ${namespace} get pods -o wide`;
  if (desired === 0) {
    const remedy = `change its nodeAffinity: no node carries the label that it asks for (kubectl get nodes --show-labels)`;
    return [error(`${name} selects no node: no replica runs`, remedy)];
  }
  if (ready === 0) return [error(`none of ${desired} replicas of ${name} is ready`, `${pods}, then the logs of one`)];
  if (ready < desired) return [warning(`${ready} of ${desired} replicas of ${name} are ready`, pods)];
  return [ok(`all ${desired} replicas of ${name} are ready`)];
}
