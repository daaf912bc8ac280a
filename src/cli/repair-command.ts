import { ageText } from "../core/age.ts";
import { healthOf } from "../core/health.ts";
import { isActive, noRepairId, type RepairRecord } from "../core/record.ts";
import type { CliPorts } from "./cli-ports.ts";
import type { Cluster, ClusterFlags, Wish } from "./cluster.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { readRecord } from "./history-command.ts";
import { withCluster } from "./with-cluster.ts";

export interface RepairFlags extends ClusterFlags {
  readonly reason: string | undefined;
  readonly releaseHold: boolean;
}

export interface ConfirmFlags extends ClusterFlags {
  readonly reason: string | undefined;
  readonly yes: boolean;
}

/** `aceso repair NODE`: begin without waiting for the checks. `--release-hold`: leave `Held` with fresh attempts. */
export async function repairCommand(ports: CliPorts, node: string, flags: RepairFlags): Promise<number> {
  return withCluster(ports, flags, async (cluster, signal) => {
    const record = await readRecord(cluster, node, signal);
    if (isActive(record)) {
      ports.out(`node/${node} is under repair already (${record?.phase}); see: aceso explain ${node}\n`);
      return flags.releaseHold ? exitCodes.failure : exitCodes.ok;
    }
    const isHeld = record?.phase === "Held";
    if (flags.releaseHold && !isHeld) {
      // status also says Held of a node whose repair does not begin
      throw new CommandError(
        `no repair of node/${node} ended as Held, so there is nothing to release; what holds it says: aceso explain ${node}`,
      );
    }
    if (!flags.releaseHold && isHeld) {
      throw new CommandError(
        `node/${node} is held (${record.reason}): ${record.message} When you have looked, run: aceso repair ${node} --release-hold`,
      );
    }
    const kind = flags.releaseHold ? "release-hold" : "repair";
    const id = await ask(ports, cluster, node, { kind, ...repairIdOf(record, isHeld) }, flags.reason);
    const what = flags.releaseHold ? "hold released" : "repair asked for, the guards still hold";
    ports.out(`node/${node}: ${what} (request ${id}); see: aceso explain ${node}\n`);
    return exitCodes.ok;
  });
}

/** `aceso confirm-off NODE`: a person has seen that the machine is off. */
export async function confirmOffCommand(ports: CliPorts, node: string, flags: ConfirmFlags): Promise<number> {
  return withCluster(ports, flags, async (cluster, signal) => {
    const record = await readRecord(cluster, node, signal);
    const facts = await cluster.node(node, signal);
    const bootId = currentBoot(record) ?? facts?.bootID ?? "";
    if (bootId === "") throw new CommandError(`node/${node} never posted a boot ID, so there is nothing to confirm`);
    if (facts !== undefined && facts.bootID !== bootId) {
      throw new CommandError(
        `node/${node} has booted since its repair began (${bootId}, now ${facts.bootID}): it is not off`,
      );
    }
    await refuseLiving(cluster, node, signal);
    const repairId = (isActive(record) || record?.phase === "Held" ? record?.id : undefined) || noRepairId;
    if (!flags.yes) await requireYes(ports, node, bootId, repairId, record, await cluster.wallMs(signal));
    const id = await ask(ports, cluster, node, { kind: "confirm-off", repairId, bootId }, flags.reason);
    ports.out(`node/${node}: confirmed off for boot ${bootId} (request ${id}); it counts for 10 minutes\n`);
    return exitCodes.ok;
  });
}

/** A moving Lease is a living machine; a word against it would only lie in wait for the node's next illness. */
async function refuseLiving(cluster: Cluster, node: string, signal: AbortSignal): Promise<void> {
  const { view, now } = await cluster.snapshot([node], undefined, signal);
  const facts = view.nodes.get(node);
  const health = facts && healthOf(facts, view, now);
  if (health?.silentForMs === undefined || health.isSilent) return;
  const age = ageText(health.silentForMs);
  throw new CommandError(`node/${node} is not off: its kubelet renewed its Lease ${age} ago; nothing was written`);
}

function currentBoot(record: RepairRecord | undefined): string | undefined {
  return isActive(record) || record?.phase === "Held" ? record?.identity?.bootID || undefined : undefined;
}

function repairIdOf(record: RepairRecord | undefined, isHeld: boolean): { repairId?: string } {
  return isHeld && record?.id ? { repairId: record.id } : {};
}

async function requireYes(
  ports: CliPorts,
  node: string,
  bootId: string,
  repairId: string,
  record: RepairRecord | undefined,
  wallMs: number,
): Promise<void> {
  const begun =
    record?.phase === undefined ? "" : `, ${record.phase} since ${ageText(wallMs - record.phaseStartedAtWallMs)}`;
  const question = [
    `You are about to say that the machine of node ${node} is OFF: not running, and not suspended or saved.`,
    `  boot ID  ${bootId}`,
    `  repair   ${repairId}${begun}`,
    "Its pods and volumes are then freed. If it still runs, two copies of a pod may write to one volume.",
    `Type the node's name to confirm: `,
  ].join("\n");
  if (!ports.isInteractive) {
    throw new CommandError("confirm-off asks a person; without a terminal say --yes", exitCodes.usage);
  }
  if ((await ports.ask(question)).trim() !== node) throw new CommandError("not confirmed; nothing was written");
}

async function ask(
  ports: CliPorts,
  cluster: Cluster,
  node: string,
  request: Pick<Wish, "kind" | "repairId" | "bootId">,
  reason: string | undefined,
): Promise<string> {
  const id = ports.newId();
  const requestedBy = await cluster.userName(ports.signal);
  const askedAtWallMs = await cluster.wallMs(ports.signal);
  await cluster.ask(node, { id, ...request, askedAtWallMs, reason, requestedBy }, ports.signal);
  return id;
}
