import type { Ward } from "../http/ward.ts";
import type { PageClock } from "./page-clock.ts";
import { wordsOf } from "./words.ts";

const pauseMs = 3_000;
const mostAtOnce = 4;

/** Tells a screen reader what has changed: states of nodes, never a countdown, and no more than people can listen to. */
export class Announcer {
  readonly #clock: PageClock;
  readonly #region: HTMLElement;
  readonly #states = new Map<string, string>();
  #news: string[] = [];
  #isSpeaking = false;
  #hasSeenWard = false;

  constructor(clock: PageClock, region: HTMLElement) {
    this.#clock = clock;
    this.#region = region;
  }

  say(text: string): void {
    this.#news.push(text);
    if (!this.#isSpeaking) this.#speak();
  }

  /** Says what is new against the last ward; nothing of the first one, which a reader reads by himself. */
  hear({ patients, nodes }: Ward): void {
    const now = new Map(patients.map(({ node, state }) => [node, state]));
    const changed = [...now].filter(([node, state]) => this.#states.get(node) !== state);
    const well = [...this.#states.keys()].filter((node) => !now.has(node));
    if (this.#hasSeenWard) {
      for (const [node, state] of changed) this.say(`${node}: ${wordsOf(state).word}.`);
      for (const node of well) if (nodes.notWell <= patients.length) this.say(`${node}: well again.`);
    }
    for (const node of well) this.#states.delete(node);
    for (const [node, state] of changed) this.#states.set(node, state);
    this.#hasSeenWard = true;
  }

  #speak(): void {
    const said = this.#news.slice(0, mostAtOnce);
    const more = this.#news.length - said.length;
    this.#news = [];
    this.#isSpeaking = said.length > 0;
    if (!this.#isSpeaking) return;
    this.#region.textContent = [...said, ...(more > 0 ? [`And ${more} more changes.`] : [])].join(" ");
    this.#clock.after(pauseMs, () => this.#speak());
  }
}
