import type { ReplaceProgress } from "../../../src/plugin-api/index.ts";
import type { Nova } from "./nova.ts";
import { groupOf, type ReplaceParts } from "./replace.ts";
import type { ReplacePlan } from "./replace-plan.ts";
import { progressFrom, successorIn } from "./replace-progress.ts";
import { progressOf } from "./status.ts";

/** Reads how a replacement stands. */
export async function follow(
  machine: string,
  plan: ReplacePlan,
  parts: ReplaceParts & { readonly nova: Nova },
  signal: AbortSignal,
): Promise<ReplaceProgress> {
  const { heat, nova, roster } = parts;
  // The stack first: what is read after it reads COMPLETE belongs to its end.
  const stack = await heat.stack(plan.root, signal);
  const groupStatus = progressOf(stack.status) === "busy" ? undefined : await statusOfGroup(plan, parts, signal);
  const [rows, old] = await Promise.all([heat.servers(plan.root, signal), nova.find(machine, signal)]);
  roster.learn(plan.root, rows);
  const successor = successorIn(rows, plan, machine);
  const isSuccessorThere = successor !== undefined && (await nova.find(successor, signal)) !== undefined;
  return progressFrom({ stack, groupStatus, rows, isOldThere: old !== undefined, isSuccessorThere }, plan, machine);
}

/** Magnum learns of the end up to ten seconds after Heat; nothing else may be asked of it before. */
async function statusOfGroup(
  plan: ReplacePlan,
  { magnum }: ReplaceParts,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (magnum === undefined || plan.how !== "resize") return undefined;
  const groups = await magnum.nodeGroups(signal);
  return groups === undefined ? (await magnum.cluster(signal)).status : groupOf(plan, groups)?.status;
}
