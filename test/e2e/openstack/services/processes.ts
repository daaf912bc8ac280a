import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { systemClock } from "../../../../src/app/clock.ts";
import { eventually, Hopeless } from "../../../support/eventually.ts";
import { type Owned, startOwned } from "../../../support/processes.ts";
import { file, host, type Layout } from "./layout.ts";
import { environmentOf, type Program } from "./programs.ts";

const patience = { withinMs: 300_000, everyMs: 100, clock: systemClock };

/** The running processes of one set of services. */
export class Processes {
  readonly #layout: Layout;
  readonly #owned = new Map<string, Owned>();

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** Starts one and writes its number down in `run/`, for those who clean up after a crash. */
  async start(program: Program): Promise<void> {
    const { owned } = await startOwned({
      name: program.name,
      command: program.command,
      args: program.args,
      cwd: this.#layout.dir,
      env: { ...environmentOf(this.#layout), ...program.env },
      logFile: file(this.#layout, "log", `${program.name}.log`),
    });
    this.#owned.set(program.name, owned);
    await writeFile(file(this.#layout, "run", program.name), `${owned.pid}\n`);
  }

  isRunning(name: string): boolean {
    return this.#owned.get(name)?.isAlive() === true;
  }

  pids(): Readonly<Record<string, number>> {
    const alive = [...this.#owned].filter(([, owned]) => owned.isAlive());
    return Object.fromEntries(alive.map(([name, owned]) => [name, owned.pid]));
  }

  /** SIGKILL to the whole group; resolves when it is gone. */
  async kill(name: string): Promise<void> {
    const owned = this.#owned.get(name);
    this.#owned.delete(name);
    await owned?.kill();
  }

  /** Asks it to end and waits until it has. */
  async end(name: string): Promise<void> {
    const owned = this.#owned.get(name);
    owned?.signal("SIGTERM");
    await owned?.exited;
    this.#owned.delete(name);
  }

  async killAll(): Promise<void> {
    await Promise.all([...this.#owned.keys()].map((name) => this.kill(name)));
  }

  /** Runs a program to its end. @throws Error with what it said when it exits with another code than 0 */
  async run(program: Program): Promise<string> {
    const env = { ...environmentOf(this.#layout), ...program.env };
    const options = { cwd: this.#layout.dir, env, maxBuffer: 1 << 26 };
    return new Promise((resolve, reject) => {
      execFile(program.command, program.args, options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${program.name}: ${error.message.split("\n")[0]}\n${stderr.slice(-4_000)}`));
      });
    });
  }

  /** Waits for something that `name` brings. @throws Error with the end of its log when it ends before that */
  async until<T>(name: string, what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    return eventually(
      what,
      async () => {
        if (!this.isRunning(name)) throw new Hopeless(`${name} has ended: ${await this.#endOfLog(name)}`);
        return look();
      },
      patience,
    );
  }

  untilListening(name: string, port: number): Promise<true> {
    return this.until(name, `${name} listens`, () => accepts(port));
  }

  /** Resolves when the service answers anything at all. */
  untilAnswering(name: string, url: string): Promise<true> {
    return this.until(name, `${name} answers at ${url}`, async () => {
      using deadline = systemClock.deadline(10_000);
      const answer = await fetch(url, { signal: deadline.signal }).catch(() => undefined);
      await answer?.body?.cancel();
      return answer !== undefined && (true as const);
    });
  }

  async #endOfLog(name: string): Promise<string> {
    return (await readFile(file(this.#layout, "log", `${name}.log`), "utf8").catch(() => "")).slice(-3_000);
  }
}

function accepts(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (outcome: true | undefined) => {
      socket.destroy();
      resolve(outcome);
    };
    socket.once("connect", () => end(true)).once("error", () => end(undefined));
  });
}
