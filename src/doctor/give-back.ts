import type { NodeFacts } from "../core/model.ts";
import { isActive } from "../core/record.ts";
import { type ClusterView, isOutOfService, marksOf, outOfServiceTaint, recordOf } from "../core/view.ts";
import type { ClusterFacts, DoctorFacts, ProviderFacts } from "./facts.ts";
import { isBeating } from "./heartbeat.ts";
import { seenValue } from "./seen.ts";

/** One step of giving back what Aceso holds, in an order that is safe. */
export interface GiveBackStep {
  /** What is held, and why this comes now. */
  readonly what: string;
  /** What must be so before the commands are run; undefined: they may be run now. */
  readonly onceThat: string | undefined;
  readonly commands: readonly string[];
}

/**
 * What of Aceso is in the cluster, with the kubectl commands that give it back. Pure.
 *
 * @returns empty when there is nothing
 */
export function giveBack(
  cluster: ClusterFacts,
  { namespace, daemonSetName, provider }: DoctorFacts,
): readonly GiveBackStep[] {
  const nodes = seenValue(cluster.nodes) ?? [];
  const records = seenValue(cluster.records) ?? new Map();
  const marked = nodes.filter((it) => marksOf(it) !== undefined || ourTaint(it, records));
  const isWaiting = marked.some((it) => !mayReturn(it, cluster));
  const last = isWaiting
    ? "the nodes above are back in service: until then somebody may want to look it up"
    : undefined;
  return [
    ...stop(cluster, namespace, daemonSetName, records),
    ...marked.filter((it) => mayReturn(it, cluster)).map((it) => giveBackNode(it, cluster, provider, records)),
    ...marked.filter((it) => !mayReturn(it, cluster)).map((it) => giveBackNode(it, cluster, provider, records)),
    ...wishes(nodes),
    ...journal(cluster, records, last),
    ...everythingElse(cluster, last),
  ];
}

/** First: a replica that still runs would put back what is taken away. */
function stop(
  { daemonSet }: ClusterFacts,
  namespace: string,
  name: string | undefined,
  records: ClusterView["records"],
): GiveBackStep[] {
  const active = [...records.keys()].flatMap((node) => {
    const record = recordOf({ records }, node);
    return isActive(record) ? [`${node} (${record?.phase})`] : [];
  });
  const under =
    active.length === 0
      ? ""
      : ` Under repair now: ${active.join(", ")}. Wait until "kubectl get nr" says Healed, if you can; a machine that was switched off stays off.`;
  if (name === undefined) return [{ what: `Stop every replica of Aceso.${under}`, onceThat: undefined, commands: [] }];
  if (daemonSet.kind === "missing") return [];
  const command = `kubectl -n ${quoted(namespace)} delete daemonset ${quoted(name)} --ignore-not-found`;
  return [{ what: `Stop the replicas, so that nothing new begins.${under}`, onceThat: undefined, commands: [command] }];
}

function giveBackNode(
  node: NodeFacts,
  cluster: ClusterFacts,
  provider: ProviderFacts,
  records: ClusterView["records"],
): GiveBackStep {
  const name = quoted(node.name);
  const held = heldOf(node, records);
  const commands = [
    ...(isOutOfService(node)
      ? [`kubectl taint node ${name} ${outOfServiceTaint.key}:${outOfServiceTaint.effect}-`]
      : []),
    ...(held.cordon && node.isUnschedulable ? [`kubectl uncordon ${name}`] : []),
    `kubectl annotate node ${name} aceso.dev/marks-`,
  ];
  const carries = [
    ...(isOutOfService(node) ? ["the out-of-service taint"] : []),
    ...(held.cordon && node.isUnschedulable ? ["a cordon of Aceso"] : []),
    ...(!held.cordon && node.isUnschedulable ? ["a cordon of somebody else, which stays"] : []),
  ];
  const what = `Node ${node.name} carries ${carries.join(", ") || "the notes of a repair that is over"}.`;
  return { what, onceThat: mayReturn(node, cluster) ? undefined : condition(node, cluster, provider), commands };
}

/** A taint keeps volumes free of a machine: it goes only when that machine lives and has booted anew. */
function mayReturn(node: NodeFacts, cluster: ClusterFacts): boolean {
  return lives(node, cluster) && (!isOutOfService(node) || hasRebooted(node));
}

function lives(node: NodeFacts, cluster: ClusterFacts): boolean {
  return node.conditions.some((it) => it.type === "Ready" && it.status === "True") && isBeating(node.name, cluster);
}

function hasRebooted(node: NodeFacts): boolean {
  const bootID = marksOf(node)?.bootID;
  return bootID === undefined || bootID === "" || bootID !== node.bootID;
}

function condition(node: NodeFacts, cluster: ClusterFacts, provider: ProviderFacts): string {
  const answer = provider.kind === "asked" ? provider.answers.find((it) => it.node === node.name)?.power : undefined;
  const power = answer?.kind === "answered" ? answer.value.power : undefined;
  const gone = `should it never come back: kubectl delete node ${quoted(node.name)}`;
  const boot = `shows another boot ID than ${node.bootID || "before"}`;
  if (isOutOfService(node) && lives(node, cluster) && power !== "off") {
    return `${node.name} was rebooted and ${boot}. It lives, but has not booted since its volumes were given away, and may still write to them`;
  }
  const now =
    power === undefined ? "now its kubelet is silent: off, hung or cut off" : `now its machine reads ${power}`;
  if (!isOutOfService(node)) return `${node.name} is Ready again (${now}); ${gone}`;
  return `${node.name} was switched on, is Ready and ${boot} (${now}). Until then the taint keeps its volumes free for other nodes: nothing is gained by taking it from a machine that is off; ${gone}`;
}

function ourTaint(node: NodeFacts, records: ClusterView["records"]): boolean {
  return isOutOfService(node) && recordOf({ records }, node.name)?.marks.outOfService !== undefined;
}

/** What is ours on the Node: the annotation says so, else the record. */
function heldOf(node: NodeFacts, records: ClusterView["records"]): { readonly cordon: boolean } {
  const cordon = marksOf(node)?.marks.cordon ?? recordOf({ records }, node.name)?.marks.cordon;
  return { cordon: cordon?.wasUnschedulable === false };
}

/** Annotations that people set for Aceso mean nothing without it. */
function wishes(nodes: readonly NodeFacts[]): GiveBackStep[] {
  const keys = ["paused", "paused-until", "paused-by", "machine", "keep-disk"].map((key) => `aceso.dev/${key}`);
  const named = nodes.filter((it) => keys.some((key) => key in it.annotations)).map((it) => quoted(it.name));
  if (named.length === 0) return [];
  const command = `kubectl annotate node ${named.join(" ")} ${keys.map((key) => `${key}-`).join(" ")}`;
  return [
    {
      what: "Annotations that people set for Aceso; without it they mean nothing.",
      onceThat: undefined,
      commands: [command],
    },
  ];
}

function journal(
  { records: read }: ClusterFacts,
  records: ClusterView["records"],
  onceThat: string | undefined,
): GiveBackStep[] {
  if (read.kind !== "seen" || records.size === 0) return [];
  const many = records.size === 1 ? "One NodeRepair holds" : `${records.size} NodeRepairs hold`;
  return [
    {
      what: `${many} the history of repairs. Keep a copy before they go.`,
      onceThat,
      commands: ["kubectl get noderepairs -o yaml > noderepairs.yaml", "kubectl delete noderepairs --all"],
    },
  ];
}

function everythingElse(cluster: ClusterFacts, onceThat: string | undefined): GiveBackStep[] {
  const isThere =
    [...cluster.customResources.values(), ...cluster.admission.values()].some((it) => it.kind === "seen") ||
    cluster.leader.kind === "seen" ||
    cluster.daemonSet.kind === "seen";
  if (!isThere) return [];
  return [
    {
      what: "The rest: namespace with Lease, reports, ConfigMap and the Secret aceso-credentials; custom resources, roles, policies.",
      onceThat,
      commands: ["kubectl delete -f manifests/aceso.yaml --ignore-not-found"],
    },
  ];
}

function quoted(text: string): string {
  return /^[\w.:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
