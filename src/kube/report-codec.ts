import type { ObservedFailure, ObserverView } from "../core/model.ts";
import type { Now } from "../core/time.ts";
import type { Report } from "../ports/reports.ts";
import { Fields, timeText } from "./json-fields.ts";
import type { KubeObject } from "./wire.ts";

const mostEntries = 500;
const mostMessage = 256;

/** Spec of ObserverReport. Lists are cut to 500 entries (then `truncated` is true), messages to 256 characters. */
export function toReportSpec(report: Report): Readonly<Record<string, unknown>> {
  return {
    node: report.node || "none",
    instance: report.instance,
    sweptAt: timeText(report.sweptAtWallMs),
    intervalMs: Math.max(1, Math.round(report.intervalMs)),
    targets: report.targets,
    failing: report.failing.slice(0, mostEntries).map(({ node, nodeUid, check, sinceWallMs, message }) => ({
      node,
      nodeUid,
      check,
      since: timeText(sinceWallMs),
      message: message.slice(0, mostMessage),
    })),
    unknown: report.unknown.slice(0, mostEntries).map(({ node, check }) => ({ node, check })),
    truncated: report.failing.length > mostEntries || report.unknown.length > mostEntries,
    suspectsSelf: report.suspectsSelf,
  };
}

/** A report as kept by the leader, with what tells whether it changed. */
export interface SeenReport {
  readonly view: ObserverView;
  readonly resourceVersion: string;
}

/**
 * The view of a report, given what was kept of its predecessor. Ages are by our own sight; only a report seen for the
 * first time is also aged by its own timestamp, which can make it staler but never fresher.
 * @throws FieldProblem when the report makes no sense
 */
export function fromReport(object: KubeObject, before: SeenReport | undefined, now: Now): SeenReport {
  const spec = new Fields(object.spec, "spec");
  const resourceVersion = object.metadata?.resourceVersion ?? "";
  const changedAtMonoMs =
    before === undefined
      ? now.monoMs - Math.max(0, now.wallMs - spec.time("sweptAt"))
      : before.resourceVersion === resourceVersion
        ? before.view.changedAtMonoMs
        : now.monoMs;
  const firstSeen = new Map((before?.view.failing ?? []).map((failure) => [keyOf(failure), failure.firstSeenMonoMs]));
  const failing = spec.list("failing").map((entry): ObservedFailure => {
    const failure = {
      node: entry.text("node"),
      nodeUid: entry.text("nodeUid"),
      check: entry.text("check"),
      message: entry.textOr("message", ""),
    };
    return { ...failure, firstSeenMonoMs: firstSeen.get(keyOf(failure)) ?? now.monoMs };
  });
  const view: ObserverView = {
    instance: spec.text("instance"),
    node: spec.text("node"),
    changedAtMonoMs,
    intervalMs: spec.whole("intervalMs"),
    suspectsSelf: spec.has("suspectsSelf") && spec.flag("suspectsSelf"),
    isTruncated: spec.has("truncated") && spec.flag("truncated"),
    failing,
    unknown: spec.list("unknown").map((entry) => ({ node: entry.text("node"), check: entry.text("check") })),
  };
  return { view, resourceVersion };
}

function keyOf({ node, nodeUid, check }: Pick<ObservedFailure, "node" | "nodeUid" | "check">): string {
  return JSON.stringify([node, nodeUid, check]);
}
