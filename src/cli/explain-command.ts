import { ageText } from "../core/age.ts";
import { type Explanation, explain } from "../core/explain.ts";
import { explanationJson } from "../core/explain-json.ts";
import type { CliPorts } from "./cli-ports.ts";
import type { ClusterFlags, Snapshot } from "./cluster.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { type Output, timeText } from "./output.ts";
import { isStructured, structuredText } from "./structured.ts";
import { oneLine } from "./table.ts";
import { withCluster } from "./with-cluster.ts";

export interface ExplainFlags extends ClusterFlags {
  readonly output: Output;
  readonly config: string | undefined;
}

/** Said with every answer: we see timestamps, the leader saw the changes. */
const ownSight =
  "Ages above come from the objects' timestamps; the leader counts from its own sight of each change, so its times may be later.";

/** `aceso explain NODE`. @throws CommandError when neither the node nor a repair of it exists */
export async function explainCommand(ports: CliPorts, node: string, flags: ExplainFlags): Promise<number> {
  return withCluster(ports, flags, async (cluster, signal) => {
    const snapshot = await cluster.snapshot([node], flags.config, signal);
    const { view, now } = snapshot;
    if (!view.nodes.has(node) && !view.records.has(node)) {
      throw new CommandError(`node "${node}" not found; kubectl get nodes lists them`, exitCodes.notFound);
    }
    const explanation = explain(view, now, node);
    const { output } = flags;
    ports.out(
      isStructured(output) ? structuredText(output, toJson(explanation, snapshot)) : toText(explanation, snapshot),
    );
    return exitCodes.ok;
  });
}

/** The answer for programs. Same words as for people. */
export function toJson(explanation: Explanation, { now, configSource, objections, notes, leader }: Snapshot) {
  return explanationJson(explanation, {
    asOfWallMs: now.wallMs,
    leader: leader?.holder,
    config: configSource,
    notes: [...objections, ...notes, ownSight],
  });
}

/** The answer for people. */
export function toText(explanation: Explanation, snapshot: Snapshot): string {
  const { sentence, facts, next, wouldChange } = explanation;
  const when =
    next.afterMs === undefined
      ? ""
      : ` (in ${ageText(next.afterMs)}, at ${timeText(snapshot.now.wallMs + next.afterMs)})`;
  return [
    oneLine(sentence),
    ...snapshot.objections.map((it) => `But ${oneLine(it)}`),
    "",
    "What is known:",
    ...facts.map(item),
    "",
    `What happens next${when}:`,
    item(next.what),
    "",
    "What would change this:",
    ...wouldChange.map(item),
    "",
    ...[leaderLine(snapshot), `Configuration: ${snapshot.configSource}.`, ...snapshot.notes, ownSight].map(
      (note) => `Note: ${oneLine(note)}`,
    ),
    "",
  ].join("\n");
}

function leaderLine({ leader }: Snapshot): string {
  if (leader === undefined) return "nobody leads, so nothing is done at all.";
  const state = leader.isAlive ? "" : ", which is too long: nothing is done until another replica leads";
  return `leader ${leader.holder}, lease renewed ${ageText(leader.renewedForMs)} ago${state}.`;
}

function item(text: string): string {
  return `  - ${oneLine(text)}`;
}
