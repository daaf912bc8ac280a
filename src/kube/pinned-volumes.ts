import type { V1NodeSelectorTerm, V1PersistentVolume } from "@kubernetes/client-node";
import type { NodeFacts } from "../core/model.ts";
import type { KubeObject, Wire } from "./wire.ts";

const hostnameLabel = "kubernetes.io/hostname";

/**
 * Whether a PersistentVolume's node affinity allows only this node: every term names it, by the host name label or by
 * metadata.name, with `In` and a single value. That is how local volumes and local-path provisioners pin their data.
 */
export function isPinnedTo(object: KubeObject, node: NodeFacts): boolean {
  const { spec } = object as Wire<V1PersistentVolume>;
  const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return terms.length > 0 && terms.every((term) => namesOnly(term, node));
}

function namesOnly(term: Wire<V1NodeSelectorTerm>, node: NodeFacts): boolean {
  const hostname = node.labels[hostnameLabel] ?? node.name;
  const byLabel = (term.matchExpressions ?? []).some(
    ({ key, operator, values }) =>
      operator === "In" && values?.length === 1 && isThisNode(key, values[0], hostname, node),
  );
  const byField = (term.matchFields ?? []).some(
    ({ key, operator, values }) =>
      key === "metadata.name" && operator === "In" && values?.length === 1 && values[0] === node.name,
  );
  return byLabel || byField;
}

/** Provisioners use the host name label or a topology key of their own (topology.…/node) with the same value. */
function isThisNode(key: string, value: string | undefined, hostname: string, node: NodeFacts): boolean {
  if (key === hostnameLabel) return value === hostname;
  return key.endsWith("/node") && (value === node.name || value === hostname);
}
