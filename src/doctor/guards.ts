import { limitOf } from "../core/guards.ts";
import { isFencing } from "../core/ladder.ts";
import type { NodeFacts, Role } from "../core/model.ts";
import type { Policy } from "../core/policy.ts";
import { about, counted, type Diagnosis } from "./diagnosis.ts";

const { ok, warning, error } = about("guards");

const roles: readonly Role[] = ["master", "worker"];
const said: Readonly<Record<Role, string>> = { master: "control-plane", worker: "worker" };

/**
 * Settings under which a guard could never let anything pass, or never stop anything, in this cluster.
 *
 * @param nodes undefined: not read, so that only the settings are judged
 */
export function diagnoseGuards(policy: Policy, nodes: readonly NodeFacts[] | undefined): readonly Diagnosis[] {
  const found = [
    ...dryRun(policy),
    ...fencing(policy),
    ...roles.flatMap((role) => ladder(policy, role)),
    ...(nodes === undefined || nodes.length === 0 ? [] : [...selection(policy, nodes), ...brake(policy, nodes)]),
    ...(nodes === undefined ? [] : controlPlane(policy, nodes)),
  ];
  return found.length > 0 ? found : [ok("no guard of this configuration is always closed or always open here")];
}

function dryRun({ isDryRun }: Policy): Diagnosis[] {
  if (!isDryRun) return [];
  const remedy =
    "when you agree with what aceso explain says: dry-run: false in the ConfigMap, then kubectl -n aceso rollout restart daemonset/aceso";
  return [warning("dry-run: everything is decided and said, nothing is done", remedy)];
}

function fencing({ provider, fencing: { acceptUnproven } }: Policy): Diagnosis[] {
  if (provider !== undefined || acceptUnproven) return [];
  const message =
    "there is no provider, and fencing.accept-unproven is false: every ill node is held, none is repaired";
  const remedy =
    "configure a provider, or fencing: {accept-unproven: true} where storage fences by itself, or confirm each machine with aceso confirm-off NODE";
  return [warning(message, remedy)];
}

function ladder(policy: Policy, role: Role): Diagnosis[] {
  const { provider, monitored, attempts } = policy;
  if (provider === undefined || !monitored[role]) return [];
  const rungs = policy.ladder[role].filter((rung) => attempts[rung] > 0);
  const can = provider.capabilities.join(", ") || "nothing";
  if (rungs.length === 0) {
    return [
      error(
        `the ladder of ${said[role]} nodes is empty: provider ${provider.id} can ${can}, which is no way to bring a machine back`,
        `give the provider the operations observe, power-off and power-on, or set ladder.${role}`,
      ),
    ];
  }
  if (rungs.some(isFencing)) return [];
  return [
    warning(
      `the ladder of ${said[role]} nodes (${rungs.join(", ")}) has no rung that switches off: a silent node is never repaired`,
      `add power-cycle to ladder.${role}; the provider needs observe, power-off and power-on for it (it can ${can})`,
    ),
  ];
}

function selection({ nodeSelector, monitored }: Policy, nodes: readonly NodeFacts[]): Diagnosis[] {
  const labels = Object.entries(nodeSelector);
  const selected = nodes.filter((it) => labels.every(([key, value]) => it.labels[key] === value));
  const text = labels.map(([key, value]) => `${key}=${value}`).join(",");
  if (selected.length === 0) {
    const remedy = `label the nodes that are meant (kubectl label node NODE ${text}), or correct node-selector`;
    return [
      error(`node-selector ${text} selects none of ${counted(nodes.length, "node")}: nothing is ever repaired`, remedy),
    ];
  }
  if (selected.some((it) => monitored[it.role])) return [];
  return [
    error(
      "no selected node has a role that is monitored: nothing is ever repaired",
      "set master-monitor-enabled or worker-monitor-enabled to true",
    ),
  ];
}

function brake({ maxUnhealthy }: Policy, nodes: readonly NodeFacts[]): Diagnosis[] {
  const allowed = limitOf(maxUnhealthy, nodes.length);
  if (allowed >= nodes.length && nodes.length > 1) {
    const message = `max-unhealthy allows all ${nodes.length} nodes to be ill at once: it never stops a mistaken mass repair`;
    return [warning(message, "set it below the number of nodes, as the default 40%")];
  }
  if (!("ratio" in maxUnhealthy) || maxUnhealthy.ratio * nodes.length >= 1) return [];
  return [
    warning(
      `max-unhealthy is less than one of ${counted(nodes.length, "node")}; it is taken as one, so a second ill node stops everything`,
      "give a count, or a share of at least one node",
    ),
  ];
}

/** A control-plane node is switched off only while more than half of all are left Ready without it. */
function controlPlane({ monitored, etcd }: Policy, nodes: readonly NodeFacts[]): Diagnosis[] {
  const masters = nodes.filter((it) => it.role === "master").length;
  if (!monitored.master || etcd === "external" || masters === 0 || masters > 2) return [];
  const message = `with ${counted(masters, "control-plane node")} none is ever switched off: not more than half would be left`;
  return [
    warning(
      message,
      "have three; or say control-plane: {etcd: external} where that is true; or master-monitor-enabled: false, so that nobody expects it",
    ),
  ];
}
