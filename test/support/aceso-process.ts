import { join } from "node:path";
import { createInterface } from "node:readline";
import { eventually, Hopeless, type Patience } from "./eventually.ts";
import { type Exit, type Owned, startOwned } from "./processes.ts";

export interface AcesoOptions {
  /** For messages, as `replica 1`. */
  readonly name: string;
  /** Arguments after the program, as `["run", "--config", file, "--kubeconfig", file]`. */
  readonly args: readonly string[];
  /** Program and its first arguments; from the sources where nothing is said. */
  readonly command?: readonly string[];
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each line as it arrives. */
  readonly onLine?: (line: LogLine) => void;
}

/** One line of the log: parsed JSON where it is JSON. */
export interface LogLine {
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Aceso as a child process. */
export interface AcesoProcess {
  readonly name: string;
  readonly pid: number;
  /** What it wrote to stdout and stderr, oldest first. */
  readonly lines: readonly LogLine[];
  readonly exited: Promise<Exit>;
  isAlive(): boolean;
  /** The first line that matches, as soon as there is one. @throws Error with the last lines when time is over */
  line(pattern: RegExp, patience?: Patience): Promise<LogLine>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, SIGKILL after `withinMs` (20 s, more than Aceso gives itself). @returns how it ended */
  stop(withinMs?: number): Promise<Exit>;
  /** SIGKILL to its process group; resolves when it is gone. */
  kill(): Promise<Exit>;
}

const root = join(import.meta.dirname, "../..");

/** The command that runs the sources, with the Node of this process. */
export const fromSources: readonly string[] = [
  process.execPath,
  "--disable-warning=ExperimentalWarning",
  join(root, "src/main.ts"),
];

export async function startAceso(options: AcesoOptions): Promise<AcesoProcess> {
  const [command = "", ...first] = options.command ?? fromSources;
  const { owned, child } = await startOwned({
    name: options.name,
    command,
    args: [...first, ...options.args],
    cwd: root,
    env: { ...process.env, ...options.env },
  });
  const lines: LogLine[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (text) => {
      const line = { text, fields: parseFields(text) };
      lines.push(line);
      options.onLine?.(line);
    });
  }
  return new RunningAceso(owned, lines);
}

class RunningAceso implements AcesoProcess {
  readonly name: string;
  readonly pid: number;
  readonly lines: readonly LogLine[];
  readonly exited: Promise<Exit>;
  readonly #owned: Owned;

  constructor(owned: Owned, lines: readonly LogLine[]) {
    this.#owned = owned;
    this.name = owned.name;
    this.pid = owned.pid;
    this.lines = lines;
    this.exited = owned.exited;
  }

  isAlive(): boolean {
    return this.#owned.isAlive();
  }

  async line(pattern: RegExp, patience: Patience = {}): Promise<LogLine> {
    let hadEnded = false;
    const look = () => {
      const found = this.lines.find((line) => pattern.test(line.text));
      // its last lines may arrive a moment after its end
      if (found === undefined && hadEnded) throw new Hopeless(`${this.name} has ended without ${pattern}`);
      hadEnded = !this.isAlive();
      return found;
    };
    return eventually(`${this.name} logs ${pattern}`, look, patience).catch((error) => {
      const last = this.lines.slice(-15).map((line) => line.text);
      throw new Error(`${error.message}\n${last.join("\n")}`);
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#owned.signal(signal);
  }

  async stop(withinMs = 20_000): Promise<Exit> {
    this.signal("SIGTERM");
    const timer = setTimeout(() => this.signal("SIGKILL"), withinMs);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }

  async kill(): Promise<Exit> {
    await this.#owned.kill();
    return this.exited;
  }
}

function parseFields(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
