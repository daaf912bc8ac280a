import type { V1Node } from "@kubernetes/client-node";
import type { NodeFacts, Role, Taint } from "../core/model.ts";
import { parseTime } from "./json-fields.ts";
import type { NodeSight } from "./node-sight.ts";
import type { KubeObject, Wire } from "./wire.ts";

const annotationPrefixes = ["aceso.dev/", "cluster-autoscaler.kubernetes.io/", "karpenter.sh/"];
const masterLabels = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];
const defaultKubeletPort = 10_250;

/** What we keep of a Node. Ages come from the sight tracker, which takes in this read. */
export function projectNode(object: KubeObject, sight: NodeSight): NodeFacts {
  const { metadata, spec, status } = object as Wire<V1Node>;
  const name = metadata?.name ?? "";
  const uid = metadata?.uid ?? "";
  const resourceVersion = metadata?.resourceVersion ?? "";
  const isUnschedulable = spec?.unschedulable === true;
  const conditions = (status?.conditions ?? []).map(({ type, status, reason }) => ({
    type,
    status,
    reason: reason ?? "",
  }));
  const since = sight.see({ name, uid, resourceVersion, conditions, isUnschedulable });
  return {
    name,
    uid,
    resourceVersion,
    role: roleOf(metadata?.labels ?? {}),
    labels: { ...metadata?.labels },
    annotations: ours(metadata?.annotations ?? {}),
    createdAtWallMs: parseTime(metadata?.creationTimestamp ?? "") ?? 0,
    isDeleting: metadata?.deletionTimestamp !== undefined,
    isUnschedulable,
    unschedulableSinceMonoMs: since.unschedulable,
    taints: (spec?.taints ?? []).map(taintOf),
    conditions: conditions.map((condition) => ({ ...condition, changedAtMonoMs: since.condition(condition.type) })),
    bootID: status?.nodeInfo?.bootID ?? "",
    systemUUID: status?.nodeInfo?.systemUUID ?? "",
    providerID: spec?.providerID ?? "",
    internalIP: status?.addresses?.find(({ type }) => type === "InternalIP")?.address,
    kubeletPort: status?.daemonEndpoints?.kubeletEndpoint?.Port ?? defaultKubeletPort,
  };
}

/** `master` for the two labels of control-plane nodes. */
export function roleOf(labels: Readonly<Record<string, string>>): Role {
  return masterLabels.some((label) => label in labels) ? "master" : "worker";
}

function ours(annotations: Readonly<Record<string, string>>): Record<string, string> {
  const isKept = (key: string) => annotationPrefixes.some((prefix) => key.startsWith(prefix));
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => isKept(key)));
}

function taintOf({ key, value, effect }: { key: string; value?: string; effect: string }): Taint {
  return { key, effect, ...(value !== undefined && { value }) };
}
