import { ageText } from "../core/age.ts";
import { AcesoError, messageOf } from "../core/errors.ts";
import { secondMs } from "../core/time.ts";
import { backoff } from "../util/backoff.ts";
import type { CliPorts } from "./cli-ports.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";
import { oneLine } from "./table.ts";

/** What one look gave. */
export interface Look {
  readonly text: string;
  /** Two looks with the same key differ in nothing but the time that has passed. */
  readonly key: string;
}

type WatchPorts = Pick<CliPorts, "clock" | "signal" | "screen" | "out" | "err">;

export interface WatchOptions {
  /** Least pause between two looks. */
  readonly everyMs: number;
  look(signal: AbortSignal): Promise<Look>;
}

const lookDeadlineMs = 30 * secondMs;
const firstRetryMs = secondMs;
const longestRetryMs = 30 * secondMs;
/** A look may take a fifth of the time, however large the cluster is. */
const restPerLook = 4;

/**
 * Looks again and again until the signal of the ports aborts. On a terminal the text is drawn anew each time; elsewhere
 * it is written again when its key has changed. A look that fails is noted and tried again with growing pauses.
 *
 * @throws AcesoError when the first look fails; the signal's reason
 */
export async function watch(ports: WatchPorts, { everyMs, look }: WatchOptions): Promise<never> {
  const { clock, signal } = ports;
  const view = ports.screen() === undefined ? new Appended(ports) : new Redrawn(ports);
  const retry = backoff(firstRetryMs, longestRetryMs);
  let hasLooked = false;
  for (;;) {
    const begunMs = clock.now().monoMs;
    let pauseMs: number;
    try {
      view.show(await lookWithin(ports, look));
      hasLooked = true;
      retry.reset();
      pauseMs = Math.max(everyMs, restPerLook * (clock.now().monoMs - begunMs));
    } catch (error) {
      if (signal.aborted || !hasLooked || !(error instanceof AcesoError)) throw error;
      pauseMs = retry.next();
      view.note(`${oneLine(messageOf(error))} (${error.code})`, pauseMs);
    }
    await clock.sleep(pauseMs, signal);
  }
}

async function lookWithin({ clock, signal }: WatchPorts, look: WatchOptions["look"]): Promise<Look> {
  using deadline = clock.deadline(lookDeadlineMs, signal);
  try {
    return await look(deadline.signal);
  } catch (error) {
    if (signal.aborted || error instanceof AcesoError || !deadline.signal.aborted) throw error;
    const message = `the cluster was not read within ${ageText(lookDeadlineMs)}`;
    throw new CommandError(message, exitCodes.unavailable, { cause: error });
  }
}

interface Shown {
  show(look: Look): void;
  note(problem: string, againMs: number): void;
}

/** For files, pipes and programs: only what is new. */
class Appended implements Shown {
  readonly #ports: WatchPorts;
  #key: string | undefined;
  #problem: string | undefined;

  constructor(ports: WatchPorts) {
    this.#ports = ports;
  }

  show({ text, key }: Look): void {
    if (this.#problem !== undefined) this.#ports.err("note: the cluster can be read again\n");
    this.#problem = undefined;
    if (key !== this.#key) this.#ports.out(text);
    this.#key = key;
  }

  note(problem: string): void {
    if (problem !== this.#problem) this.#ports.err(`note: ${problem}; it is tried again\n`);
    this.#problem = problem;
  }
}

/** For a terminal: always the newest, from its top left corner. */
class Redrawn implements Shown {
  readonly #ports: WatchPorts;
  #last = "";
  #lastAtMs = 0;
  #isFirst = true;

  constructor(ports: WatchPorts) {
    this.#ports = ports;
  }

  show({ text }: Look): void {
    this.#last = text;
    this.#lastAtMs = this.#ports.clock.now().monoMs;
    this.#draw(text);
  }

  note(problem: string, againMs: number): void {
    const old = ageText(this.#ports.clock.now().monoMs - this.#lastAtMs);
    const note = `Note: ${problem}; trying again in ${ageText(againMs)}. What follows is ${old} old.`;
    const { columns } = this.#size();
    const lines = note.match(new RegExp(`.{1,${columns}}`, "gu")) ?? [];
    this.#draw(`${lines.join("\n")}\n\n${this.#last}`);
  }

  #size(): { readonly rows: number; readonly columns: number } {
    return this.#ports.screen() ?? { rows: 24, columns: 80 };
  }

  #draw(text: string): void {
    const { rows, columns } = this.#size();
    const lines = text.trimEnd().split("\n");
    // one row stays free for the cursor
    const fits = lines.length < rows;
    const shown = fits ? lines : [...lines.slice(0, rows - 2), `… ${lines.length - rows + 2} more lines`];
    const drawn = shown.map((line) => `${[...line].slice(0, columns).join("")}\x1b[K\n`).join("");
    this.#ports.out(`${this.#isFirst ? "\x1b[2J" : ""}\x1b[H${drawn}\x1b[J`);
    this.#isFirst = false;
  }
}
