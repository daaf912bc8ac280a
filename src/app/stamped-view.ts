import type { LeaseSight, MachineId, NodeFacts, NodeName, ObserverView } from "../core/model.ts";
import type { Now, WallMs } from "../core/time.ts";
import {
  type ClusterAnnotations,
  type ClusterView,
  type MachineClaim,
  recordOf,
  type StoredRecord,
} from "../core/view.ts";
import { PassiveFindings } from "../engine/passive-findings.ts";
import { quietLog, quietMeter } from "./quiet-ports.ts";
import type { Parts } from "./setup.ts";

/** What somebody who did not watch the changes has read; ages are by the objects' own timestamps. */
export interface StampedReads {
  readonly parts: Pick<Parts, "policy" | "probes" | "passive">;
  readonly nodes: ReadonlyMap<NodeName, NodeFacts>;
  readonly leases: ReadonlyMap<NodeName, LeaseSight>;
  readonly observers: readonly ObserverView[];
  readonly records: ReadonlyMap<NodeName, StoredRecord>;
  readonly cluster: ClusterAnnotations;
  readonly etcd: ClusterView["etcd"];
  readonly leader: { readonly holder: string; readonly acquiredAtWallMs: WallMs | undefined } | undefined;
  readonly now: Now;
}

/** For people: what such a view does not know. */
export const providerIsLeaders = "only the leader asks the provider: what the machines read is not known here";

/** The leader's view as well as it can be told without being the leader. */
export function stampedView(reads: StampedReads): ClusterView {
  const { parts, nodes, leases, observers, records, cluster, etcd, leader, now } = reads;
  const { policy, probes, passive } = parts;
  const checks = new PassiveFindings(passive, quietLog, quietMeter);
  return {
    policy,
    probes,
    nodes,
    leases,
    passive: checks.findings(nodes.values(), (name) => leases.get(name), now),
    observers,
    records,
    readings: new Map(),
    machines: policy.provider === undefined ? new Map() : assumedMachines(nodes, records),
    cluster,
    etcd,
    pinnedVolumes: new Map(),
    self: {
      instance: leader?.holder ?? "",
      node: observers.find(({ instance }) => instance === leader?.holder)?.node,
      ledSinceMonoMs: leader?.acquiredAtWallMs ?? 0,
      wasHandedOver: false,
    },
    lastReadAtMonoMs: now.monoMs,
    cautiousWallMs: now.wallMs,
  };
}

/** Which machine a node is only the leader's provider says; here each node is taken to have one of its own. */
function assumedMachines(
  nodes: ReadonlyMap<NodeName, NodeFacts>,
  records: ReadonlyMap<NodeName, StoredRecord>,
): ReadonlyMap<NodeName, MachineClaim> {
  return new Map(
    [...nodes.values()].map((node): [NodeName, MachineClaim] => {
      const machine: MachineId = recordOf({ records }, node.name)?.identity?.machine ?? `machine of ${node.name}`;
      return [node.name, { kind: "known", machine, systemUUID: node.systemUUID, providerID: node.providerID }];
    }),
  );
}
