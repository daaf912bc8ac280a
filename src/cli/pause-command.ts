import { ageText } from "../core/age.ts";
import { AcesoError } from "../core/errors.ts";
import { type AnnotationChange, pauseAnnotations, readPause, resumeAnnotations } from "../core/pause.ts";
import { parseDuration } from "../util/duration.ts";
import type { CliPorts } from "./cli-ports.ts";
import type { Cluster, ClusterFlags } from "./cluster.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { timeText } from "./output.ts";
import { withCluster } from "./with-cluster.ts";

export interface PauseFlags extends ClusterFlags {
  readonly for: string | undefined;
  readonly until: string | undefined;
  readonly reason: string | undefined;
}

/** `aceso pause [NODE…]`; without a node the whole cluster, by the DaemonSet's annotations. */
export async function pauseCommand(ports: CliPorts, nodes: readonly string[], flags: PauseFlags): Promise<number> {
  const forMs = parseFor(flags);
  const reason = reasonOf(flags.reason);
  if (nodes.length === 0) requireDaemonSet(flags);
  return withCluster(ports, flags, async (cluster, signal) => {
    const untilWallMs = await endOf(forMs, flags.until, () => cluster.wallMs(signal));
    const until = untilWallMs === undefined ? undefined : timeText(untilWallMs);
    const change = pauseAnnotations(reason, until, await cluster.userName(signal));
    const end = untilWallMs === undefined ? " until somebody runs: aceso resume" : ` until ${timeText(untilWallMs)}`;
    if (nodes.length === 0) {
      await annotateCluster(cluster, change, flags, signal);
      ports.out(`cluster paused${end}\n`);
    }
    return eachNode(ports, nodes, async (node) => {
      await cluster.annotateNode(node, change, signal);
      ports.out(`node/${node} paused${end}${untilWallMs === undefined ? ` ${node}` : ""}\n`);
    });
  });
}

/** `aceso resume [NODE…]`. Undoes the pauses of the nodes and of their repairs, or the one of the cluster. */
export async function resumeCommand(ports: CliPorts, nodes: readonly string[], flags: ClusterFlags): Promise<number> {
  if (nodes.length === 0) requireDaemonSet(flags);
  return withCluster(ports, flags, async (cluster, signal) => {
    if (nodes.length === 0) {
      await annotateCluster(cluster, resumeAnnotations, flags, signal);
      ports.out("cluster resumed\n");
      return exitCodes.ok;
    }
    const exitCode = await eachNode(ports, nodes, async (node) => {
      await cluster.annotateNode(node, resumeAnnotations, signal);
      const stored = await cluster.record(node, signal);
      if (stored?.kind === "record" && stored.record.wishes.paused === true) await cluster.unpauseRepair(node, signal);
      ports.out(`node/${node} resumed\n`);
    });
    await warnOfClusterPause(ports, cluster, signal);
    return exitCode;
  });
}

async function warnOfClusterPause(ports: CliPorts, cluster: Cluster, signal: AbortSignal): Promise<void> {
  const annotations = await cluster.clusterAnnotations(signal);
  if (annotations.kind !== "read") return;
  const pause = readPause(annotations.annotations, "cluster", await cluster.wallMs(signal));
  if (pause !== undefined)
    ports.err(`the whole cluster is still paused (${pause.text}); end that with: aceso resume\n`);
}

async function annotateCluster(
  cluster: Cluster,
  change: AnnotationChange,
  { namespace, daemonSet }: ClusterFlags,
  signal: AbortSignal,
): Promise<void> {
  try {
    await cluster.annotateDaemonSet(change, signal);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new CommandError(
      `daemonset "${daemonSet}" not found in namespace "${namespace}"; name Aceso's with -n and --daemonset, or name nodes`,
      exitCodes.notFound,
    );
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof AcesoError && error.code === "ACESO_KUBE_NOT_FOUND";
}

/** Goes on after a node that does not exist, as kubectl does; then the exit code says so. */
async function eachNode(
  ports: CliPorts,
  nodes: readonly string[],
  work: (node: string) => Promise<void>,
): Promise<number> {
  let exitCode: number = exitCodes.ok;
  for (const node of new Set(nodes)) {
    try {
      await work(node);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      ports.err(`error: node "${node}" not found; kubectl get nodes lists them\n`);
      exitCode = exitCodes.notFound;
    }
  }
  return exitCode;
}

function parseFor({ for: text, until }: PauseFlags): number | undefined {
  if (text === undefined) return undefined;
  if (until !== undefined) throw new CommandError("--for and --until exclude each other", exitCodes.usage);
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new CommandError(`--for ${text}: expected a duration such as 30m or 2h`, exitCodes.usage);
}

/** `false` would mean: not paused. */
function reasonOf(text: string | undefined): string {
  const reason = text?.trim() ?? "";
  if (reason === "false") {
    throw new CommandError(
      '--reason false: the annotation would mean "not paused"; give another reason',
      exitCodes.usage,
    );
  }
  return reason === "" ? "true" : reason;
}

async function endOf(
  forMs: number | undefined,
  until: string | undefined,
  readWallMs: () => Promise<number>,
): Promise<number | undefined> {
  if (forMs !== undefined) return (await readWallMs()) + forMs;
  if (until === undefined) return undefined;
  const isMoment = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i.test(until);
  const untilWallMs = isMoment ? Date.parse(until) : Number.NaN;
  if (Number.isNaN(untilWallMs)) {
    throw new CommandError(`--until ${until}: expected a time such as 2026-01-31T18:00:00Z`, exitCodes.usage);
  }
  const lateMs = (await readWallMs()) - untilWallMs;
  if (lateMs >= 0) throw new CommandError(`--until ${until}: that was ${ageText(lateMs)} ago`, exitCodes.usage);
  return untilWallMs;
}

function requireDaemonSet(flags: ClusterFlags): void {
  if (flags.daemonSet !== undefined) return;
  throw new CommandError(
    "the whole cluster is paused on Aceso's DaemonSet; name it with --daemonset, or name nodes",
    exitCodes.usage,
  );
}
