import { ageText } from "../core/age.ts";
import { freshObservers, isFresh } from "../core/votes.ts";
import { about, counted, type Diagnosis, listed } from "./diagnosis.ts";
import type { ClusterFacts, DoctorFacts } from "./facts.ts";
import { seenValue, unreadable } from "./seen.ts";

const { ok, warning, error } = about("observers");

/** Whether enough replicas look at the nodes for their word to count. */
export function diagnoseObservers(cluster: ClusterFacts, { config, namespace }: DoctorFacts): readonly Diagnosis[] {
  const { observers, now, nodes } = cluster;
  if (observers.kind === "missing") return [];
  if (observers.kind === "unreadable") return [unreadable("observers", "the ObserverReports", observers)];
  const fresh = freshObservers(observers.value, now);
  const pods = `kubectl -n ${namespace} get pods -o wide shows which replica does not run`;
  if (fresh.length === 0) return [error("no replica has published a fresh report: none looks at the nodes", pods)];
  const found: Diagnosis[] = [];
  const stale = observers.value.filter((it) => !isFresh(it, now));
  if (stale.length > 0) {
    const names = stale.map((it) => `${it.instance} (${ageText(now.monoMs - it.changedAtMonoMs)})`);
    found.push(warning(`${counted(stale.length, "report")} too old to count: ${listed(names)}`, pods));
  }
  const doubting = fresh.filter((it) => it.suspectsSelf).map((it) => it.instance);
  if (doubting.length > 0) {
    const remedy = "look at the network of the nodes that they run on: more than half of what they see looks bad";
    found.push(warning(`${listed(doubting)} suspects itself and votes on no node`, remedy));
  }
  if (fresh.length === 1) found.push(single(seenValue(config.read)?.hasProbes === true, hasMaster(seenValue(nodes))));
  return found.length > 0 ? found : [ok(`${counted(fresh.length, "replica")} published a fresh report`)];
}

function single(hasProbes: boolean, hasMasters: boolean): Diagnosis {
  const effects = [
    ...(hasProbes ? ["a failing probe counts on silent nodes only"] : []),
    ...(hasMasters ? ["no control-plane node is switched off, since no other replica would be left"] : []),
    "nobody repairs the node that it runs on",
  ];
  return warning(`a single replica is fresh: ${effects.join("; ")}`, "run at least two replicas, on different nodes");
}

function hasMaster(nodes: readonly { readonly role: string }[] | undefined): boolean {
  return nodes?.some((it) => it.role === "master") === true;
}
