import type { ReplaceProgress } from "../../../src/plugin-api/index.ts";
import type { ReplacePlan } from "./replace-plan.ts";
import type { ServerRow, Stack } from "./stack.ts";
import { progressOf } from "./status.ts";

/** What the cloud says of a replacement, read now. */
export interface ReplaceFacts {
  readonly stack: Stack;
  /** Status of the node group; undefined without Magnum. */
  readonly groupStatus: string | undefined;
  readonly rows: readonly ServerRow[];
  readonly isOldThere: boolean;
  /** Whether Nova has the server that `successorIn` finds. */
  readonly isSuccessorThere: boolean;
}

/** The server that took the machine's place, by Heat's rows. Pure. */
export function successorIn(rows: readonly ServerRow[], plan: ReplacePlan, machine: string): string | undefined {
  const others = rows.filter(({ serverId }) => serverId !== undefined && serverId !== machine);
  if (plan.how === "update") {
    return others.find(({ home, resource }) => home.id === plan.home.id && resource === plan.resource)?.serverId;
  }
  const later = others.filter(({ index, resource }) => resource === workerResource && (index ?? -1) > plan.highest);
  return later.sort((a, b) => (a.index ?? 0) - (b.index ?? 0))[0]?.serverId;
}

/** Name of a worker's server in the stock templates of Magnum. */
export const workerResource = "kube-minion";

/**
 * How a replacement stands. Pure, and from the plan alone: nothing is remembered. The end is what was wished for, never
 * a status alone, since Magnum's goes on reading COMPLETE for seconds after a resize was accepted.
 */
export function progressFrom(facts: ReplaceFacts, plan: ReplacePlan, machine: string): ReplaceProgress {
  const found = successorIn(facts.rows, plan, machine);
  const state = stateFrom(facts, found !== undefined);
  return {
    state,
    isOldGone: !facts.isOldThere,
    ...(found !== undefined && { successor: found }),
    text: wordsOn(facts, plan, machine, found),
  };
}

function stateFrom(facts: ReplaceFacts, hasSuccessor: boolean): ReplaceProgress["state"] {
  const { stack, groupStatus, isOldThere, isSuccessorThere } = facts;
  const both = [progressOf(stack.status), progressOf(groupStatus ?? stack.status)];
  if (both.includes("busy")) return "under-way";
  if (both.includes("failed")) return "failed";
  // Both are there although nothing is under way: the old one was not taken for the one to go.
  if (hasSuccessor && isOldThere) return "failed";
  if (!hasSuccessor) return "not-begun";
  // Heat was done with it, so somebody deleted it since: nobody works on another one.
  return isSuccessorThere ? "done" : "failed";
}

function wordsOn(facts: ReplaceFacts, plan: ReplacePlan, machine: string, successor: string | undefined): string {
  const { stack, groupStatus, isOldThere, isSuccessorThere } = facts;
  const group =
    groupStatus === undefined
      ? ""
      : `, node group ${"group" in plan ? (plan.group ?? "default-worker") : ""} ${groupStatus}`;
  const failure = progressOf(stack.status) === "failed" ? ` (${stack.reason})` : "";
  const old = isOldThere ? `server ${machine} is still there` : `server ${machine} is gone`;
  const mark =
    facts.rows.find(({ serverId }) => serverId === machine)?.status === "CHECK_FAILED" ? ", marked unhealthy" : "";
  const lack = isSuccessorThere ? "" : ", which Nova does not have";
  const next = successor === undefined ? "no successor yet" : `successor ${successor}${lack}`;
  return `stack ${stack.name} ${stack.status}${failure}${group}; ${old}${mark}; ${next}`;
}
