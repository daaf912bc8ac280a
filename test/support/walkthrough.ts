import { readFile } from "node:fs/promises";
import { toText } from "../../src/cli/explain-command.ts";
import { explain } from "../../src/core/explain.ts";
import { minuteMs, secondMs } from "../../src/core/time.ts";
import { ago, now as builderNow, node, observer, policy, ready, still, view } from "./core-builders.ts";

/** One line of a log in the walkthrough. */
export interface ToldLine {
  readonly time: string;
  readonly msg: string;
}

export async function readWalkthrough(): Promise<string> {
  return readFile(new URL("../../docs/walkthrough.md", import.meta.url), "utf8");
}

/** The part of the page below a heading of the second level. @throws Error when there is no such heading */
export function sectionOf(page: string, title: string): string {
  const [, text] = new RegExp(`^## ${title}$(.*?)(?=^## |$(?![\\s\\S]))`, "ms").exec(page) ?? [];
  if (text === undefined) throw new Error(`the walkthrough has no section ${title}`);
  return text;
}

/** Lines of logs in a text, in their order. */
export function logLinesOf(text: string): readonly ToldLine[] {
  return [...text.matchAll(/^(\d\d:\d\d:\d\d\.\d{3}) {2}(.+)$/gm)].map(([, time = "", msg = ""]) => ({ time, msg }));
}

/** Events in a text: type, reason and note, in their order. */
export function eventsOf(text: string): readonly (readonly string[])[] {
  const lines = [...text.matchAll(/^(Normal|Warning) +(\w+) +node\/\S+ +(.+)$/gm)];
  return lines.map(([, type = "", reason = "", note = ""]) => [type, reason, note]);
}

/** What explain says of the page's node 49 s after its last heartbeat, as the page shows it. */
export function explainedBefore(): string {
  const sick = node("worker-1", {
    conditions: [{ ...ready("True"), changedAtMonoMs: ago(3 * minuteMs) }],
  });
  const others = ["worker-2", "worker-3", "worker-4", "worker-5"].map((name) => node(name));
  const lease = { check: "NodeLease", message: "Lease unchanged for 25 s or more" };
  const silentForMs = 49.5 * secondMs;
  const scene = view({
    nodes: [sick, ...others],
    policy: policy({ ladder: { master: ["power-cycle"], worker: ["power-cycle"] } }),
    passive: new Map([["worker-1", [{ ...lease, sinceMonoMs: ago(silentForMs), unhealthyDurationMs: 55 * secondMs }]]]),
    observers: [observer("aceso-9qm2f"), observer("aceso-t4xwz")],
  });
  const now = { ...builderNow, wallMs: Date.parse("2026-11-22T01:33:23Z") };
  const cluster = { ...scene, leases: new Map([...scene.leases, ["worker-1", still(silentForMs)]]) };
  const text = toText(explain(cluster, now, "worker-1"), {
    view: cluster,
    now,
    leader: { holder: "aceso-9qm2f_dff7dcf7", renewedForMs: 2 * secondMs, isAlive: true },
    configSource: "configmap/aceso in namespace aceso",
    objections: [],
    notes: ["only the leader asks the provider: what the machines read is not known here"],
  });
  return `\`\`\`\n${text.trimEnd()}\n\`\`\``;
}
