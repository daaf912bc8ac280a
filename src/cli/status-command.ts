import { ageText } from "../core/age.ts";
import { type Explanation, explainAll, notWell } from "../core/explain.ts";
import type { NodeName } from "../core/model.ts";
import { standingPauses } from "../core/pause.ts";
import { isActive, type RepairRecord } from "../core/record.ts";
import { secondMs } from "../core/time.ts";
import { recordOf } from "../core/view.ts";
import { isFresh } from "../core/votes.ts";
import { parseDuration } from "../util/duration.ts";
import type { CliPorts } from "./cli-ports.ts";
import type { ClusterFlags, Snapshot } from "./cluster.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { type Output, timeText } from "./output.ts";
import { isStructured, structuredText } from "./structured.ts";
import { cut, oneLine, table } from "./table.ts";
import { type Look, watch } from "./watch.ts";
import { withCluster } from "./with-cluster.ts";

export interface StatusFlags extends ClusterFlags {
  readonly output: Output;
  readonly config: string | undefined;
  /** Go on looking, at most once in this duration; undefined: look once. */
  readonly watchEvery: string | undefined;
}

interface PauseShown {
  readonly scope: "cluster" | "node" | "repair";
  readonly node?: NodeName;
  readonly text: string;
}

/** `aceso status`: the ward round. */
export async function statusCommand(ports: CliPorts, flags: StatusFlags): Promise<number> {
  const everyMs = flags.watchEvery === undefined ? undefined : parseInterval(flags.watchEvery);
  return withCluster(ports, flags, async (cluster, signal) => {
    const look = async (until: AbortSignal): Promise<Look> => {
      const snapshot = await cluster.snapshot([], flags.config, until);
      const explanations = explainAll(snapshot.view, snapshot.now, notWell(snapshot.view, snapshot.now));
      return { text: shown(snapshot, explanations, flags), key: statusKey(snapshot, explanations) };
    };
    if (everyMs !== undefined) return watch(ports, { everyMs, look });
    ports.out((await look(signal)).text);
    return exitCodes.ok;
  });
}

function parseInterval(text: string): number {
  const everyMs = parseDuration(text);
  if (everyMs === undefined || everyMs < secondMs)
    throw new CommandError(`--interval ${text}: expected a duration of 1s or more, such as 5s or 1m`, exitCodes.usage);
  return everyMs;
}

function shown(snapshot: Snapshot, explanations: readonly Explanation[], { output, watchEvery }: StatusFlags): string {
  if (!isStructured(output)) {
    const text = statusText(snapshot, explanations, output === "wide");
    return watchEvery === undefined ? text : `${text}\n`;
  }
  // several documents follow each other: YAML wants a line between them
  const head = output === "yaml" && watchEvery !== undefined ? "---\n" : "";
  return head + structuredText(output, statusJson(snapshot, explanations));
}

/** Everything in it but ages and times: what makes a status another one. */
function statusKey(snapshot: Snapshot, explanations: readonly Explanation[]): string {
  const { leader, nodes, dryRun, provider, config, observers, pauses, notes } = statusJson(snapshot, explanations);
  const items = explanations.map(({ node, state, reason }) => {
    const { id, rung, attempt, message } = recordOf(snapshot.view, node) ?? {};
    return [node, state, reason, id, rung, attempt, message];
  });
  const seen = observers.map(({ ageSeconds: _age, ...rest }) => rest);
  const led = leader && [leader.holder, leader.isAlive];
  return JSON.stringify({ led, nodes, dryRun, provider, config, seen, pauses, items, notes });
}

export function statusJson(snapshot: Snapshot, explanations: readonly Explanation[]) {
  const { view, now, leader, configSource, objections, notes } = snapshot;
  return {
    asOf: timeText(now.wallMs),
    nodes: { total: view.nodes.size, notWell: explanations.length },
    leader: leader ?? null,
    dryRun: view.policy.isDryRun,
    provider: view.policy.provider?.id ?? "none",
    config: configSource,
    observers: view.observers.map((it) => ({
      instance: it.instance,
      node: it.node,
      isFresh: isFresh(it, now),
      ageSeconds: Math.floor((now.monoMs - it.changedAtMonoMs) / 1_000),
      failing: it.failing.length,
      suspectsSelf: it.suspectsSelf,
    })),
    pauses: pausesOf(snapshot),
    items: explanations.map((it) => ({ ...it, repair: repairJson(recordOf(view, it.node)) })),
    notes: [...objections, ...notes],
  };
}

function repairJson(record: RepairRecord | undefined) {
  if (record === undefined || (!isActive(record) && record.phase !== "Held")) return null;
  const { id, phase, rung, attempt, startedAtWallMs, phaseStartedAtWallMs, message } = record;
  return {
    id,
    phase,
    rung,
    attempt,
    startedAt: timeText(startedAtWallMs),
    phaseStartedAt: timeText(phaseStartedAtWallMs),
    message,
  };
}

export function statusText(snapshot: Snapshot, explanations: readonly Explanation[], isWide: boolean): string {
  const { view, objections, notes, configSource } = snapshot;
  const { provider, fencing } = view.policy;
  const none = fencing.acceptUnproven ? "none (fencing without proof)" : "none, so no machine can be proven off";
  const lines = [
    ...leaderLines(snapshot),
    ...observerLines(snapshot),
    `Provider:    ${provider?.id ?? none}${view.policy.isDryRun ? "; dry-run: nothing is done" : ""}`,
    ...pausesOf(snapshot).map(
      ({ scope, node, text }) =>
        `Paused:      ${node === undefined ? "the cluster" : `${scope} ${node}`}: ${oneLine(text)}`,
    ),
    ...(isWide ? [`Config:      ${configSource}`] : []),
    ...[...objections, ...notes].map((note) => `Note:        ${oneLine(note)}`),
    "",
  ];
  const head = lines.join("\n");
  if (explanations.length === 0) return `${head}\nAll ${view.nodes.size} nodes are well.\n`;
  return `${head}\n${nodeTable(snapshot, explanations, isWide)}`;
}

function nodeTable({ view, now }: Snapshot, explanations: readonly Explanation[], isWide: boolean): string {
  const columns = [
    "NODE",
    "ROLE",
    "STATE",
    "REASON",
    "RUNG",
    "AGE",
    "NEXT",
    ...(isWide ? ["LEADER", "MACHINE", "EXPLANATION"] : []),
  ];
  const rows = explanations.map((it) => {
    const record = recordOf(view, it.node);
    const current = record !== undefined && (isActive(record) || record.phase === "Held") ? record : undefined;
    const rung = current?.rung === undefined ? "" : `${current.rung} (${current.attempt})`;
    const age = current === undefined ? "" : ageText(now.wallMs - current.phaseStartedAtWallMs);
    const next = it.next.afterMs === undefined ? "" : `in ${ageText(it.next.afterMs)}`;
    const wide = isWide ? [current?.leader, current?.identity?.machine, cut(it.sentence, 160)] : [];
    return [it.node, view.nodes.get(it.node)?.role, it.state, it.reason, rung, age, next, ...wide];
  });
  return table(columns, rows);
}

function leaderLines({ leader }: Snapshot): string[] {
  if (leader === undefined) return ["Leader:      <none>; nothing is done until a replica leads"];
  const late = leader.isAlive ? "" : ", too long ago: nothing is done until another replica leads";
  return [`Leader:      ${leader.holder} (renewed ${ageText(leader.renewedForMs)} ago${late})`];
}

function observerLines({ view, now }: Snapshot): string[] {
  const fresh = view.observers.filter((it) => isFresh(it, now));
  const stale = view.observers.filter((it) => !isFresh(it, now)).map((it) => `${it.instance} is stale`);
  const doubting = fresh.filter((it) => it.suspectsSelf).map((it) => `${it.instance} suspects itself`);
  const remarks = [...stale, ...doubting].map((it) => `; ${it}`).join("");
  return [`Observers:   ${fresh.length} fresh of ${view.observers.length}${remarks}`];
}

function pausesOf({ view }: Snapshot): PauseShown[] {
  return standingPauses(view).map(({ scope, node, text }) => ({ scope, ...(node !== undefined && { node }), text }));
}
