import type { Ward, WardPause } from "../http/ward.ts";
import { timeOfDay } from "./live-times.ts";

/** Who paused what, until when, and why. */
export function pauseText({ scope, node, reason, by, until }: WardPause): string {
  const who = by === null ? "" : ` by ${by}`;
  const end = until === null ? "until somebody resumes it" : `until ${timeOfDay(until)}`;
  return `${subjectOf(scope, node)} is paused${who}, ${end}. Reason: ${reason === "" ? "none given" : reason}`;
}

/** What holds this node back, its own pause before that of the cluster. */
export function pauseOf({ pauses }: Ward, node: string): WardPause | undefined {
  return pauses.find((each) => each.node === node) ?? pauses.find(({ scope }) => scope === "cluster");
}

function subjectOf(scope: WardPause["scope"], node: string | null): string {
  if (scope === "cluster") return "The whole cluster";
  return scope === "node" ? `${node}` : `The repair of ${node}`;
}
