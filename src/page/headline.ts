import type { Ward } from "../http/ward.ts";
import { type Tone, wordsOf } from "./words.ts";

/** The ward in one sentence. */
export interface Headline {
  readonly tone: Tone;
  readonly title: string;
  readonly detail: string;
  /** Of nodes that are not well, most urgent first, then the well ones. Empty groups are left out. */
  readonly counts: readonly Count[];
}

export interface Count {
  readonly tone: Tone;
  readonly count: number;
  readonly word: string;
}

const groups: readonly { readonly tone: Tone; readonly word: string }[] = [
  { tone: "ill", word: "missing" },
  { tone: "hold", word: "held" },
  { tone: "act", word: "under repair" },
  { tone: "watch", word: "watched" },
  { tone: "well", word: "well" },
];

export function headlineOf({ nodes, patients, isDryRun, leader, pauses, observers }: Ward): Headline {
  const counts = countsOf(nodes.byState);
  const [first] = patients;
  const isPaused = pauses.some(({ scope }) => scope === "cluster");
  const detail = [
    isPaused ? "Aceso is paused." : isDryRun ? "Dry run: nothing is done." : undefined,
    leader === null
      ? "Nobody leads."
      : leader.isAlive
        ? `${replicaName(leader.instance)} leads.`
        : "The leader has gone silent.",
    observersText(observers),
  ].filter((text) => text !== undefined);
  if (nodes.total === 0) return { tone: "watch", title: "No nodes are known", detail: detail.join(" "), counts };
  if (nodes.notWell === 0) {
    const title = nodes.total === 1 ? "The one node is well" : `All ${number(nodes.total)} nodes are well`;
    return { tone: "well", title, detail: ["Nothing needs to be done.", ...detail].join(" "), counts };
  }
  const tone = counts[0]?.tone ?? "ill";
  const isOne = nodes.notWell === 1 && first !== undefined;
  const title = isOne
    ? `${first.node} is ${oneWord(first.state)}`
    : `${number(nodes.notWell)} of ${number(nodes.total)} nodes are not well`;
  const rest = nodes.total - nodes.notWell;
  const others = isOne && rest > 0 ? [`The other ${rest === 1 ? "node is" : `${number(rest)} nodes are`} well.`] : [];
  return { tone, title, detail: [...others, ...detail].join(" "), counts };
}

/** A replica without the mark that tells its restarts apart. */
export function replicaName(instance: string): string {
  return instance.replace(/_[0-9a-f]{8}$/, "");
}

/** `5000` as `5,000`, the same in every browser. */
export function number(value: number): string {
  return value.toLocaleString("en");
}

function countsOf(byState: Ward["nodes"]["byState"]): Count[] {
  return groups.flatMap(({ tone, word }) => {
    const states = Object.entries(byState).filter(([state]) => wordsOf(state).tone === tone);
    const count = states.reduce((sum, [, each]) => sum + each, 0);
    return count === 0 ? [] : [{ tone, count, word }];
  });
}

function observersText(observers: Ward["observers"]): string {
  const fresh = observers.filter(({ isFresh }) => isFresh).length;
  if (observers.length === 0) return "Nobody observes.";
  return `${fresh} of ${observers.length} ${observers.length === 1 ? "observer is" : "observers are"} fresh.`;
}

function oneWord(state: string): string {
  const { word, tone } = wordsOf(state);
  if (tone === "act") return `under repair: ${word}`;
  return state === "Missing" ? "gone" : word.toLowerCase();
}
