import type { NodeFacts } from "../core/model.ts";
import type { RepairRecord } from "../core/record.ts";
import type { NodeIdentity } from "../plugin-api/provider.ts";

/** What the provider is told of a Node. */
export function identityOf(node: NodeFacts): NodeIdentity {
  return {
    name: node.name,
    uid: node.uid,
    providerID: node.providerID,
    systemUUID: node.systemUUID,
    internalIP: node.internalIP,
    machineAnnotation: node.annotations["aceso.dev/machine"],
  };
}

/** Whether a provider would be told the same. */
export function isSameIdentity(a: NodeIdentity, b: NodeIdentity): boolean {
  return (
    a.uid === b.uid &&
    a.providerID === b.providerID &&
    a.systemUUID === b.systemUUID &&
    a.internalIP === b.internalIP &&
    a.machineAnnotation === b.machineAnnotation &&
    a.name === b.name
  );
}

/** What the provider is told of the Node that a repair began with, whatever stands under its name now. */
export function frozenIdentity(record: RepairRecord, node: NodeFacts | undefined): NodeIdentity {
  return {
    name: record.node,
    uid: record.identity?.nodeUid ?? "",
    providerID: record.identity?.providerID ?? "",
    systemUUID: record.identity?.systemUUID ?? "",
    internalIP: node?.internalIP,
    machineAnnotation: node && identityOf(node).machineAnnotation,
  };
}
