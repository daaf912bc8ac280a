import { type MonoMs, secondMs } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import { buildWard, type WardSight } from "./build-ward.ts";
import type { Ward } from "./ward.ts";

/** What this replica knows of the cluster. */
export interface WardSource {
  /** @throws AcesoError when the cluster cannot be read */
  look(signal: AbortSignal): Promise<WardSight>;
}

/** A ward and its JSON, made once for all who ask. */
export interface BuiltWard {
  readonly sight: WardSight;
  readonly ward: Ward;
  readonly text: string;
}

const everyMs = secondMs;
/** Of one core's time, what the page may cost; a storm over thousands of nodes makes it rarer. */
const mostShare = 0.1;
const longestMs = 10 * secondMs;
/** Ages in the texts grow without an end; nobody sees one that is older than this. */
const agesEveryMs = 10 * secondMs;

/** Builds the ward at most once a second, however many ask, and only while somebody asks. */
export class WardFeed {
  readonly #source: WardSource;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #revision: number;
  #shown = "";
  #built: { readonly it: BuiltWard; readonly untilMonoMs: MonoMs } | undefined;
  #building: Promise<BuiltWard> | undefined;

  /** @param signal of the replica: nothing is built after it aborted */
  constructor(source: WardSource, clock: Clock, signal: AbortSignal) {
    this.#source = source;
    this.#clock = clock;
    this.#signal = signal;
    // A page that comes over from another replica, or from before a restart, must not take an old number for a new one.
    this.#revision = Math.round(clock.now().wallMs);
  }

  /** The ward, a second old at most; older where it takes long to build. @throws AcesoError when the cluster cannot be read */
  async latest(): Promise<BuiltWard> {
    const { monoMs } = this.#clock.now();
    if (this.#built !== undefined && monoMs < this.#built.untilMonoMs) return this.#built.it;
    this.#building ??= this.#build().finally(() => {
      this.#building = undefined;
    });
    return this.#building;
  }

  async #build(): Promise<BuiltWard> {
    const sight = await this.#source.look(this.#signal);
    const begunAt = this.#clock.now().monoMs;
    const draft = buildWard(sight, this.#revision);
    const shown = whatIsShown(draft);
    if (shown !== this.#shown) this.#revision += 1;
    this.#shown = shown;
    const ward = { ...draft, revision: this.#revision };
    const it = { sight, ward, text: JSON.stringify(ward) };
    const { monoMs } = this.#clock.now();
    const restMs = Math.min(longestMs, Math.max(everyMs, (monoMs - begunAt) / mostShare));
    this.#built = { it, untilMonoMs: begunAt + restMs };
    return it;
  }
}

/** The ward without what only the passing of time changes; that counts once in a while. */
function whatIsShown(ward: Ward): string {
  const slot = Math.floor(Date.parse(ward.asOf) / agesEveryMs);
  const { asOf: _asOf, revision: _revision, ...shown } = ward;
  return JSON.stringify({
    ...shown,
    slot,
    leader: ward.leader && { ...ward.leader, renewedAt: "" },
    observers: ward.observers.map((it) => ({ ...it, seenAt: "" })),
    patients: ward.patients.map((it) => ({
      ...it,
      facts: withoutNumbers(it.facts.join("\n")),
      sentence: withoutNumbers(it.sentence),
      next: it.next.what,
    })),
  });
}

function withoutNumbers(text: string): string {
  return text.replace(/\d+/g, "#");
}
