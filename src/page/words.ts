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

/** What the running countdown of a node ends. */
export function countdownLabel(state: string): string {
  return countdowns[state] ?? "until the next step";
}

const countdowns: Readonly<Record<string, string>> = {
  Watched: "until its repair may begin",
  Held: "until it is judged again",
  Starting: "until its repair begins",
  Draining: "at most, to drain it",
  Fencing: "at most, to prove it off",
  Releasing: "at most, to free its pods",
  Restoring: "at most, to bring it back",
  Recovering: "at most, to be well again",
};

/** What is counted where no end is known. */
export function elapsedLabel(state: string): string {
  return state === "Held" ? "since it is held" : "in this phase so far";
}
