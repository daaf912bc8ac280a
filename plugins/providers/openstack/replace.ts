import { type Act, ProviderError } from "../../../src/plugin-api/index.ts";
import type { AskedUpdates } from "./asked-updates.ts";
import type { Cluster, NodeGroup } from "./cluster.ts";
import type { Heat } from "./heat.ts";
import { needTime } from "./in-time.ts";
import type { Magnum } from "./magnum.ts";
import { refusal } from "./refusal.ts";
import type { ReplacePlan, ResizePlan, UpdatePlan } from "./replace-plan.ts";
import { workerResource } from "./replace-progress.ts";
import type { Place, Roster } from "./roster.ts";
import { guardCluster, guardUpdate } from "./stack-guard.ts";
import { isRefused, isUnsent, type OwnMark, takingBack } from "./take-back-mark.ts";

export interface ReplaceParts {
  readonly heat: Heat;
  readonly roster: Roster;
  /** Undefined: plain Heat. */
  readonly magnum: Magnum | undefined;
  readonly updates: AskedUpdates;
}

/** What is true before the replacement. @throws ProviderError (give-up) when the machine is in no stack of the cluster */
export async function planReplacement(machine: string, parts: ReplaceParts, signal: AbortSignal): Promise<ReplacePlan> {
  const place = await parts.roster.findAnew(machine, signal);
  if (place === undefined) {
    throw new ProviderError(`openstack: replacing server ${machine}: none of the cluster's stacks holds it`, "give-up");
  }
  const { root, row } = place;
  const { magnum } = parts;
  // Magnum has no call that replaces a master; Heat does both.
  if (magnum === undefined || row.resource !== workerResource || !(await magnum.canResize(signal))) {
    return { how: "update", root, home: row.home, resource: row.resource };
  }
  return resizeOf(place, await magnum.cluster(signal), await magnum.nodeGroups(signal), parts, signal);
}

async function resizeOf(
  { root, groups }: Place,
  cluster: Cluster,
  all: readonly NodeGroup[] | undefined,
  { heat }: ReplaceParts,
  signal: AbortSignal,
): Promise<ResizePlan> {
  const group = all?.find(({ name, role }) => role === "worker" && groups.includes(name));
  const indexes = (await heat.servers(root, signal)).flatMap((row) =>
    row.resource === workerResource ? (row.index ?? []) : [],
  );
  return {
    how: "resize",
    root,
    group: group === undefined || group.isDefault ? undefined : group.name,
    count: group?.nodeCount ?? cluster.nodeCount,
    highest: Math.max(-1, ...indexes),
  };
}

/** Asks for it, once. Resolves when it is accepted. */
export function replace(act: Act, plan: ReplacePlan, parts: ReplaceParts): Promise<void> {
  return plan.how === "resize" ? resize(act, plan, parts) : update(act, plan, parts);
}

async function resize(act: Act, plan: ResizePlan, { magnum, heat, updates }: ReplaceParts): Promise<void> {
  const what = `replacing server ${act.machine} by a resize`;
  if (magnum === undefined) throw new ProviderError(`openstack: ${what}: there is no Magnum here now`, "give-up");
  const guard = async () => {
    await guardCount(act, plan, magnum, what);
    await guardUpdate(plan.root, act.machine, heat, act.signal);
  };
  await guard();
  await updates.look(plan.root, act.machine, heat, act.signal);
  await act.mayAct();
  // To ask whether it may took its time: a group that grew meanwhile would be shrunk again, by whichever node.
  await guard();
  needTime(act, what);
  updates.claim(plan.root, act.machine);
  const answer = await magnum.resize({ nodeCount: plan.count, serverId: act.machine, group: plan.group }, act.signal);
  if (answer.status !== 202) throw refusal(what, answer, "act");
}

async function guardCount(act: Act, plan: ResizePlan, magnum: Magnum, what: string): Promise<void> {
  const [cluster, groups] = await Promise.all([magnum.cluster(act.signal), magnum.nodeGroups(act.signal)]);
  const group = groupOf(plan, groups);
  guardCluster(cluster, group, act.machine);
  const count = group?.nodeCount ?? cluster.nodeCount;
  if (count === plan.count) return;
  const problem = `openstack: ${what}: the group has ${count} nodes now, it had ${plan.count} when this was planned`;
  throw new ProviderError(`${problem}; somebody resizes it`, "retry");
}

/** Marked and not updated, it may be begun anew: marking twice is marking once. */
async function update(act: Act, { root, home, resource }: UpdatePlan, parts: ReplaceParts): Promise<void> {
  const { magnum, heat, updates } = parts;
  const what = `replacing server ${act.machine} by an update of stack ${root.name}`;
  if (magnum !== undefined) guardCluster(await magnum.cluster(act.signal), undefined, act.machine);
  const earlier = await guardUpdate(root, act.machine, heat, act.signal);
  await updates.look(root, act.machine, heat, act.signal);
  await act.mayAct();
  needTime(act, what);
  updates.claim(root, act.machine);
  const reason = `Aceso replaces server ${act.machine}`;
  const marked = await heat.mark(home, resource, true, reason, act.signal);
  if (marked.status !== 200) throw refusal(`${what}: marking ${resource} unhealthy`, marked, "act");
  const mark: OwnMark = { home, resource, isOurs: earlier === undefined || earlier.reason === reason };
  await takingBack(mark, heat, act.signal, async () => {
    await act.mayAct();
    // To ask whether it may took its time, and the update replaces whatever was marked meanwhile.
    await guardUpdate(root, act.machine, heat, act.signal);
    needTime(act, what);
  });
  const answer = await heat.update(root, act.signal).catch((error: unknown) => {
    if (!isUnsent(error)) throw error;
    return takingBack(mark, heat, act.signal, () => Promise.reject(error));
  });
  if (answer.status === 202 || answer.status === 200) return;
  const problem = refusal(what, answer, "act");
  if (!isRefused(answer)) throw problem;
  await takingBack(mark, heat, act.signal, () => Promise.reject(problem));
}

export function groupOf(plan: ResizePlan, groups: readonly NodeGroup[] | undefined): NodeGroup | undefined {
  return groups?.find(({ name, role, isDefault }) =>
    plan.group === undefined ? isDefault && role === "worker" : name === plan.group,
  );
}
