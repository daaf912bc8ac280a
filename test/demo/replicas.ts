import { systemClock } from "../../src/app/clock.ts";
import { type AcesoProcess, startAceso } from "../support/aceso-process.ts";
import type { NewsLine } from "./picture.ts";
import { type DemoWorld, daemonSet, namespace } from "./world.ts";

/** As a kubelet starts a container anew. */
const restartMs = 4_000;
/** Given to each replica at the end, then SIGKILL. */
const stopMs = 2_500;

/** One replica of Aceso: a child process while the machine below it runs. */
interface Replica {
  readonly name: string;
  readonly node: string;
  process: AcesoProcess | undefined;
  /** Where the present process serves the status page; undefined before it does. */
  pagePort: number | undefined;
}

/**
 * The replicas, as a DaemonSet would run them: each lives on a machine, dies with it and starts anew with it. Never
 * more than one process a replica; all of them end with `stop`.
 */
export class Replicas {
  readonly #world: DemoWorld;
  readonly #onNews: (line: NewsLine) => void;
  readonly #onBroken: (error: Error) => void;
  readonly #all: Replica[] = [];
  readonly #stop = new AbortController();
  readonly #turns = new Map<Replica, Promise<void>>();

  constructor(world: DemoWorld, onNews: (line: NewsLine) => void, onBroken: (error: Error) => void) {
    this.#world = world;
    this.#onNews = onNews;
    this.#onBroken = onBroken;
  }

  get list(): readonly { readonly name: string; readonly node: string; readonly isAlive: boolean }[] {
    return this.#all.map(({ name, node, process }) => ({ name, node, isAlive: process?.isAlive() === true }));
  }

  /** Where a replica that runs serves the status page. */
  get pagePort(): number | undefined {
    return this.#all.find(({ process, pagePort }) => process?.isAlive() === true && pagePort !== undefined)?.pagePort;
  }

  /** Starts one on a node. @throws Error when its process cannot be started */
  async add(name: string, node: string): Promise<void> {
    const replica: Replica = { name, node, process: undefined, pagePort: undefined };
    this.#all.push(replica);
    this.#world.machines.onChange((changed) => {
      if (changed === node) this.#follow(replica);
    });
    await this.#start(replica);
  }

  /** SIGKILL. @returns false when it does not run */
  kill(name: string): boolean {
    const running = this.#all.find((each) => each.name === name)?.process;
    if (running?.isAlive() !== true) return false;
    running.signal("SIGKILL");
    return true;
  }

  /** Ends all of them; resolves when no process is left. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#turns.values()]);
    await Promise.all(this.#all.map(async ({ process }) => process?.stop(stopMs)));
  }

  /** The machine has changed. A hung or dead one runs nothing. */
  #follow(replica: Replica): void {
    if (this.#hasMachine(replica)) this.#startLater(replica, 0);
    else replica.process?.signal("SIGKILL");
  }

  #hasMachine({ node }: Replica): boolean {
    return this.#world.machines.state(node) === "on";
  }

  #startLater(replica: Replica, afterMs: number): void {
    const turn = async () => {
      await this.#turns.get(replica);
      if (afterMs > 0) await systemClock.sleep(afterMs, this.#stop.signal).catch(() => undefined);
      const mayRun = !this.#stop.signal.aborted && this.#hasMachine(replica);
      if (mayRun && replica.process?.isAlive() !== true) await this.#start(replica);
    };
    this.#turns.set(replica, turn().catch(this.#onBroken));
  }

  async #start(replica: Replica): Promise<void> {
    const { name, node } = replica;
    replica.pagePort = undefined;
    const kubeconfig = await this.#world.kubeconfigFile(name);
    const started = await startAceso({
      name,
      args: [
        ...["run", "--config", this.#world.configFile, "--kubeconfig", kubeconfig, "--instance", name],
        ...["--node-name", node, "--namespace", namespace, "--daemonset", daemonSet],
      ],
      onLine: ({ fields }) => {
        if (fields.msg === "serves the status page and metrics") replica.pagePort = Number(fields.port);
        this.#tell(name, fields);
      },
    });
    replica.process = started;
    void started.exited.then(({ code, signal }) => this.#ended(replica, started, code ?? signal));
  }

  #ended(replica: Replica, ended: AcesoProcess, how: number | string | null): void {
    if (this.#stop.signal.aborted || !this.#hasMachine(replica) || replica.process !== ended) return;
    // one that ends by itself before it has begun to work will never do so
    if (typeof how === "number" && !ended.lines.some(({ fields }) => fields.msg === "started")) {
      const last = ended.lines.slice(-5).map((line) => line.text);
      this.#onBroken(new Error(`${replica.name} ended by itself (${how}); its last words:\n${last.join("\n")}`));
      return;
    }
    this.#news(replica.name, `ended (${how}); it is started anew in ${restartMs / 1_000} s`, true);
    this.#startLater(replica, restartMs);
  }

  #tell(who: string, fields: Readonly<Record<string, unknown>>): void {
    const { msg, level, node } = fields;
    if (typeof msg !== "string") return;
    const isNews = node !== undefined || msg === "leads" || msg === "leads no more" || level === "error";
    if (isNews) this.#news(who, msg, level === "warn" || level === "error");
  }

  #news(who: string, text: string, isWarning: boolean): void {
    this.#onNews({ atWallMs: systemClock.now().wallMs, who, text, ...(isWarning && { isWarning }) });
  }
}
