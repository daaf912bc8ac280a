import { isActive } from "../core/record.ts";
import { isOutOfService, marksOf, recordOf } from "../core/view.ts";
import { about, counted, type Diagnosis, listed } from "./diagnosis.ts";
import type { ClusterFacts } from "./facts.ts";
import { isBeating } from "./heartbeat.ts";
import { seenValue, unreadable } from "./seen.ts";

const { ok, warning, error } = about("marks");

/** Out-of-service taints on machines that live, and records that nobody can go on with. */
export function diagnoseMarks(cluster: ClusterFacts): readonly Diagnosis[] {
  const { nodes, records } = cluster;
  if (nodes.kind === "unreadable") return [unreadable("marks", "the Nodes", nodes)];
  const all = seenValue(nodes) ?? [];
  const known = seenValue(records) ?? new Map();
  const found: Diagnosis[] = records.kind === "unreadable" ? [unreadable("marks", "the NodeRepairs", records)] : [];
  const loaded = all.filter((it) => isOutOfService(it) && isBeating(it.name, cluster));
  const orphans = loaded.filter((it) => !isActive(recordOf({ records: known }, it.name)));
  if (orphans.length > 0) {
    const message = `out-of-service taint on nodes whose kubelets live, and no repair is under way: ${listed(orphans.map((it) => it.name))}; every pod there is thrown out and its volumes are torn away`;
    found.push(
      error(message, "kubectl taint node NODE node.kubernetes.io/out-of-service- (once it has been rebooted)"),
    );
  }
  const bad = [...known].flatMap(([name, it]) =>
    it.kind === "unreadable" ? [`${name} (${it.unreadable.problem})`] : [],
  );
  if (bad.length > 0) {
    const message = `${counted(bad.length, "NodeRepair")} cannot be understood, their nodes are left alone: ${listed(bad)}`;
    found.push(warning(message, "run the newer version that wrote it; if nothing did: kubectl delete nr NODE"));
  }
  const held = [...known.keys()].filter((name) => recordOf({ records: known }, name)?.phase === "Held");
  if (held.length > 0) {
    found.push(
      warning(`held, waiting for a person: ${listed(held)}`, "aceso explain NODE says why and what would change it"),
    );
  }
  if (found.length > 0) return found;
  const marked = all.filter((it) => marksOf(it) !== undefined).length;
  return [
    ok(
      marked === 0 ? "no node carries a mark of Aceso" : `${counted(marked, "node")} under repair, marks accounted for`,
    ),
  ];
}
