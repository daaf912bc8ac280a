import { holdReasons } from "../core/hold.ts";

/** How a state is to be taken in at a glance. Each tone has a colour, an icon and words: no one of them alone. */
export type Tone = "well" | "watch" | "act" | "hold" | "ill" | "pause";

export interface StateWords {
  readonly word: string;
  readonly tone: Tone;
}

const states: Readonly<Record<string, StateWords>> = {
  Well: { word: "Well", tone: "well" },
  Watched: { word: "Watched", tone: "watch" },
  Held: { word: "Held", tone: "hold" },
  Starting: { word: "Starting", tone: "act" },
  Adopting: { word: "Adopting", tone: "act" },
  HandingOver: { word: "Handing over", tone: "act" },
  Missing: { word: "Missing", tone: "ill" },
  Cordoning: { word: "Cordoning", tone: "act" },
  Draining: { word: "Draining", tone: "act" },
  Fencing: { word: "Fencing", tone: "act" },
  Releasing: { word: "Releasing", tone: "act" },
  Restoring: { word: "Restoring", tone: "act" },
  Recovering: { word: "Recovering", tone: "act" },
  Unfencing: { word: "Unfencing", tone: "act" },
  Healed: { word: "Healed", tone: "well" },
  Recovered: { word: "Recovered", tone: "well" },
};

/** Words for a state of `aceso explain`; one that this page does not know is shown as it is. */
export function wordsOf(state: string): StateWords {
  return states[state] ?? { word: state, tone: "ill" };
}

/** The short mark beside a node's name: its state, and the reason where it is one not to act. */
export function stateText({ state, reason }: Told): string {
  const { word, tone } = wordsOf(state);
  if (tone === "hold") return `${word}: ${reason}`;
  return isWaiting({ state, reason }) ? `${word}, waits: ${reason}` : word;
}

/** Said before a running countdown: `repair may begin in` 0:12. */
export function countdownLabel(told: Told): string {
  return isWaiting(told) ? "waits for" : (countdowns[told.state] ?? "next step in");
}

interface Told {
  readonly state: string;
  readonly reason: string;
}

/** A repair under way that is not acting just now. */
function isWaiting({ state, reason }: Told): boolean {
  return wordsOf(state).tone === "act" && reason in holdReasons;
}

const countdowns: Readonly<Record<string, string>> = {
  Watched: "repair may begin in",
  Held: "judged again in",
  Starting: "repair begins in",
  Draining: "to be drained within",
  Fencing: "to be proven off within",
  Releasing: "pods to be free within",
  Restoring: "to be back on within",
  Recovering: "to be well within",
};

/** Said before the time that has passed, where no end is known. */
export function elapsedLabel(state: string): string {
  return state === "Held" ? "held for" : "in this phase for";
}
