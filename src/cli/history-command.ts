import { ageText } from "../core/age.ts";
import { isActive, type RepairRecord } from "../core/record.ts";
import type { CliPorts } from "./cli-ports.ts";
import type { Cluster, ClusterFlags } from "./cluster.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { type Output, timeText } from "./output.ts";
import { isStructured, structuredText } from "./structured.ts";
import { table } from "./table.ts";
import { withCluster } from "./with-cluster.ts";

export interface HistoryFlags extends ClusterFlags {
  readonly output: Output;
}

/** One repair, over or under way (no `endedAtWallMs`). */
interface Entry {
  readonly startedAtWallMs: number;
  readonly endedAtWallMs: number | undefined;
  readonly outcome: string;
  readonly rung: string | undefined;
  readonly reason: string;
}

/** `aceso history NODE`: its repairs, newest first. */
export async function historyCommand(ports: CliPorts, node: string, flags: HistoryFlags): Promise<number> {
  return withCluster(ports, flags, async (cluster, signal) => {
    const record = await readRecord(cluster, node, signal);
    const entries = record === undefined ? [] : entriesOf(record);
    const { output } = flags;
    if (isStructured(output)) ports.out(structuredText(output, { node, items: entries.map(entryJson) }));
    else if (entries.length === 0) ports.err(`No repairs found of node ${node}.\n`);
    else ports.out(historyTable(entries, await cluster.wallMs(signal), output === "wide"));
    return exitCodes.ok;
  });
}

/** The record of a node that exists or had repairs. @throws CommandError for an unknown node or an unreadable record */
export async function readRecord(
  cluster: Cluster,
  node: string,
  signal: AbortSignal,
): Promise<RepairRecord | undefined> {
  const stored = await cluster.record(node, signal);
  if (stored?.kind === "unreadable") {
    throw new CommandError(
      `noderepair "${node}" cannot be read: ${stored.unreadable.problem}; see kubectl get nr ${node} -o yaml`,
    );
  }
  if (stored === undefined && (await cluster.node(node, signal)) === undefined) {
    throw new CommandError(`node "${node}" not found; kubectl get nodes lists them`, exitCodes.notFound);
  }
  return stored?.record;
}

function entriesOf(record: RepairRecord): Entry[] {
  const past = record.history.map((it): Entry => ({ ...it, rung: it.rung })).reverse();
  if (!isActive(record)) return past;
  const { startedAtWallMs, phase = "", rung, reason } = record;
  return [
    { startedAtWallMs, endedAtWallMs: undefined, outcome: phase, rung, reason },
    ...past.filter((it) => it.startedAtWallMs !== startedAtWallMs),
  ];
}

function entryJson({ startedAtWallMs, endedAtWallMs, outcome, rung, reason }: Entry) {
  const endedAt = endedAtWallMs === undefined ? null : timeText(endedAtWallMs);
  return { startedAt: timeText(startedAtWallMs), endedAt, outcome, rung: rung ?? null, reason };
}

function historyTable(entries: readonly Entry[], wallMs: number, isWide: boolean): string {
  const columns = ["BEGAN", "TOOK", "OUTCOME", "RUNG", "REASON", ...(isWide ? ["STARTED-AT", "ENDED-AT"] : [])];
  const rows = entries.map(({ startedAtWallMs, endedAtWallMs, outcome, rung, reason }) => [
    `${ageText(wallMs - startedAtWallMs)} ago`,
    endedAtWallMs === undefined ? "under way" : ageText(endedAtWallMs - startedAtWallMs),
    outcome,
    rung,
    reason,
    ...(isWide ? [timeText(startedAtWallMs), endedAtWallMs === undefined ? "" : timeText(endedAtWallMs)] : []),
  ]);
  return table(columns, rows);
}
