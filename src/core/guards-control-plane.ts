import { type Guard, isAhead } from "./candidate.ts";
import { type Hold, hold } from "./hold.ts";
import type { NodeFacts } from "./model.ts";
import { isActive, type RepairRecord } from "./record.ts";
import { attemptKey } from "./step.ts";
import type { Now } from "./time.ts";
import type { ClusterView } from "./view.ts";
import { freshObservers } from "./votes.ts";

/** DESIGN promise 8. A repair may begin on what was found off: switching on and freeing what is proven off is always allowed. */
export const controlPlaneSafeToStart: Guard = (it, now) => (it.isFoundOff ? undefined : controlPlaneSafe(it, now));

/** DESIGN promise 8, for what ends or risks a running machine. */
export const controlPlaneSafe: Guard = ({ view, health, node, record: own, startedInThisPass }, now) => {
  if (node.role !== "master") return undefined;
  const masters = [...view.nodes.values()]
    .filter((it) => it.role === "master")
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const others = masters.filter((it) => it.name !== node.name);
  const busy = others.find((it) => {
    const record = view.records.get(it.name);
    if (startedInThisPass.includes(it)) return true;
    return (
      record?.kind === "record" && isActive(record.record) && (isAhead(record.record, own) || isDown(record.record))
    );
  });
  if (busy !== undefined) return hold("control-plane-busy", `${busy.name} is under repair.`);
  // Whether it was a control-plane node stood on its Node.
  const replaced = [...view.records.values()].find(
    (it) =>
      it.kind === "record" &&
      isActive(it.record) &&
      it.record.replacement !== undefined &&
      !view.nodes.has(it.record.node),
  );
  if (replaced?.kind === "record") return hold("control-plane-busy", `${replaced.record.node} is being replaced.`);
  if (view.policy.etcd === "external") return otherReplicaFresh(view, node, now);
  const ready = others.filter((it) => health.get(it.name)?.isReady === true && health.get(it.name)?.isSilent === false);
  if (ready.length * 2 <= masters.length) {
    return hold("control-plane-quorum", `${ready.length} of ${masters.length} would be Ready.`);
  }
  if (view.etcd === undefined) return hold("control-plane-unreadable");
  const members = view.etcd.filter((it) => it.node !== node.name && it.isReady).length;
  if (view.etcd.length > 0 && members * 2 <= view.etcd.length) {
    return hold("control-plane-quorum", `${members} of ${view.etcd.length} etcd pods would be Ready.`);
  }
  return otherReplicaFresh(view, node, now);
};

const phasesDown: readonly string[] = ["Releasing", "Restoring", "Recovering"];

/** Whether a repair's machine is down, or was asked to go down, in its present attempt. */
function isDown(record: RepairRecord): boolean {
  if (phasesDown.includes(record.phase ?? "")) return true;
  return record.phase === "Fencing" && record.intent?.id.startsWith(`${attemptKey(record)}/power-off`) === true;
}

/** Undefined when another replica, not on this node, is fresh; else the hold. */
export function otherReplicaFresh(view: ClusterView, node: NodeFacts, now: Now): Hold | undefined {
  const isFreshElsewhere = freshObservers(view.observers, now).some(
    (it) => it.instance !== view.self.instance && it.node !== node.name && it.node !== view.self.node,
  );
  return isFreshElsewhere ? undefined : hold("no-other-replica");
}

/** Without proof a taint on a control-plane node is as risky as switching it off. */
export const controlPlaneSafeIfUnproven: Guard = (it, now) =>
  it.mode === "unproven" ? controlPlaneSafe(it, now) : undefined;
