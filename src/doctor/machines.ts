import type { NodeFacts } from "../core/model.ts";
import { about, counted, type Diagnosis, listed } from "./diagnosis.ts";
import type { ClusterFacts, MachineAnswer, ProviderFacts } from "./facts.ts";
import { isBeating } from "./heartbeat.ts";
import { seenValue } from "./seen.ts";

const { ok, warning, error } = about("machines");

const annotate = "kubectl annotate node NODE aceso.dev/machine=MACHINE --overwrite";

/** Whether each node is one machine and each machine one node. */
export function diagnoseMachines(provider: ProviderFacts, cluster: ClusterFacts): readonly Diagnosis[] {
  const nodes = seenValue(cluster.nodes) ?? [];
  const found = [...twinsByIdentity(nodes)];
  if (provider.kind === "asked") found.push(...ofProvider(provider, cluster));
  if (found.length > 0) return found;
  if (provider.kind !== "asked")
    return [ok(`no two of ${counted(nodes.length, "node")} share a system UUID or provider id`)];
  const rest = provider.notAsked === 0 ? "" : `; ${provider.notAsked} were not asked about (--all-machines does)`;
  return [ok(`${counted(provider.answers.length, "node")}, as many machines${rest}`)];
}

/** What the Nodes themselves say: costs no question. */
function twinsByIdentity(nodes: readonly NodeFacts[]): Diagnosis[] {
  const kinds = [
    { name: "system UUID", of: (it: NodeFacts) => it.systemUUID.toLowerCase() },
    { name: "provider id", of: (it: NodeFacts) => it.providerID },
    { name: "annotation aceso.dev/machine", of: (it: NodeFacts) => it.annotations["aceso.dev/machine"] ?? "" },
  ];
  return kinds.flatMap(({ name, of }) =>
    twins(nodes.map((it) => [it.name, of(it)])).map(([value, names]) =>
      warning(
        `${listed(names)} have one ${name} (${value})`,
        "cloned machines need identities of their own; delete a Node object that is left over: kubectl delete node NODE",
      ),
    ),
  );
}

function ofProvider(provider: Extract<ProviderFacts, { kind: "asked" }>, cluster: ClusterFacts): Diagnosis[] {
  const { answers } = provider;
  const found: Diagnosis[] = [];
  const homeless = answers.filter((it) => it.machine.kind === "answered" && it.machine.value === undefined);
  if (homeless.length > 0) {
    const names = listed(homeless.map((it) => it.node));
    const message = `provider ${provider.id} knows no machine for ${counted(homeless.length, "node")}, which are never repaired: ${names}`;
    found.push(error(message, `name it: ${annotate}; or leave such nodes out with node-selector`));
  }
  for (const [machine, names] of twins(answers.map((it) => [it.node, machineOf(it)]))) {
    const message = `${listed(names)} are one machine to provider ${provider.id} (${machine}); neither is ever repaired`;
    found.push(error(message, `say which is which: ${annotate}; or delete the Node that is left over`));
  }
  return [...found, ...liars(answers, cluster, provider.id)];
}

/** Proof of off is as good as the provider's word: an "off" about a machine whose kubelet lives frees pods that run. */
function liars(answers: readonly MachineAnswer[], cluster: ClusterFacts, id: string): Diagnosis[] {
  const wrong = answers.filter(
    ({ node, power }) => power?.kind === "answered" && power.value.power === "off" && isBeating(node, cluster),
  );
  if (wrong.length === 0) return [];
  const message = `provider ${id} says off of nodes whose kubelets live: ${listed(wrong.map((it) => it.node))}`;
  const remedy = `ask again in a minute: a machine may just have gone. If it stays so pause at once (aceso pause), and find out which machines it takes them for: ${annotate}`;
  return [error(message, remedy)];
}

function machineOf({ machine }: MachineAnswer): string {
  return (machine.kind === "answered" ? machine.value : undefined) ?? "";
}

/** Values that several names share. */
function twins(pairs: readonly (readonly [string, string])[]): [string, string[]][] {
  const byValue = new Map<string, string[]>();
  for (const [name, value] of pairs) if (value !== "") byValue.set(value, [...(byValue.get(value) ?? []), name]);
  return [...byValue].filter(([, names]) => names.length > 1);
}
