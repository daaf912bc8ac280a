import { messageOf } from "../core/errors.ts";
import type { MachineId, NodeFacts, NodeName, PowerReading } from "../core/model.ts";
import type { MonoMs } from "../core/time.ts";
import type { PowerAnswer, Provider } from "../plugin-api/provider.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { NodeWatch } from "../ports/nodes.ts";
import { eachOf } from "../util/each-of.ts";
import { identityOf } from "./machine-identity.ts";
import type { Machines } from "./machines.ts";
import type { PassiveSpec } from "./passive-findings.ts";
import { askTimeoutMs } from "./plugin-answer.ts";
import { powerAnswerOf, readingOf } from "./power-answer.ts";
import type { World } from "./world.ts";

/** Questions to the provider at once, where it cannot answer all in one. */
const atOnce = 4;
/** A reading counts for so many rounds. */
const roundsKept = 3;
const untilSyncedMs = 1_000;

export interface SurveyParts {
  readonly provider: Provider;
  readonly machines: Machines;
  readonly nodes: Pick<NodeWatch, "isSynced" | "nodes">;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * What the machines' owner says of all machines, for the checks that judge it. These readings find illness; they prove
 * nothing, so they are kept apart from those that a repair goes by.
 */
export class PowerSurvey {
  readonly #parts: SurveyParts;
  readonly #specs: readonly PassiveSpec[];
  readonly #intervalMs: number;
  readonly #readings = new Map<NodeName, PowerReading>();
  #problem: string | undefined;

  /** Undefined where no check wants to know: nobody is asked then. */
  static of(
    specs: readonly PassiveSpec[],
    world: Pick<World, "provider" | "nodes" | "clock" | "log">,
    machines: Machines | undefined,
  ): PowerSurvey | undefined {
    const asking = specs.filter((it) => it.asksPowerEveryMs !== undefined);
    const { provider } = world;
    if (provider === undefined || machines === undefined || asking.length === 0) return undefined;
    return new PowerSurvey(asking, { ...world, provider, machines });
  }

  constructor(specs: readonly PassiveSpec[], parts: SurveyParts) {
    this.#parts = parts;
    this.#specs = specs;
    this.#intervalMs = Math.min(...specs.map((it) => it.asksPowerEveryMs ?? Number.POSITIVE_INFINITY));
  }

  /** The node's machine as last read; undefined: not lately. */
  readingOf(node: NodeName): PowerReading | undefined {
    const reading = this.#readings.get(node);
    const isFresh =
      reading !== undefined && this.#parts.clock.now().monoMs - reading.askedAtMonoMs <= roundsKept * this.#intervalMs;
    return isFresh ? reading : undefined;
  }

  /** A reading that came between two rounds; one that says nothing leaves the last one standing. */
  note({ name, role }: NodeFacts, reading: PowerReading): void {
    if (reading.power === "unknown" || !this.#specs.some((it) => it.role === role)) return;
    this.#readings.set(name, reading);
  }

  /** Asks every interval until the signal aborts. Never throws. */
  async run(signal: AbortSignal, onReadings: () => void): Promise<void> {
    const { clock, nodes } = this.#parts;
    while (!signal.aborted) {
      if (nodes.isSynced) {
        await this.#round(signal);
        onReadings();
      }
      await clock.sleep(nodes.isSynced ? this.#intervalMs : untilSyncedMs, signal).catch(() => undefined);
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const all = this.#parts.nodes.nodes();
    for (const name of this.#readings.keys()) if (!all.has(name)) this.#readings.delete(name);
    const asked = [...all.values()].filter((node) => this.#specs.some((it) => it.role === node.role));
    try {
      await this.#askAll(asked, signal);
      this.#problem = undefined;
    } catch (error) {
      const problem = messageOf(error);
      if (problem !== this.#problem && !signal.aborted)
        this.#parts.log.warn({ problem }, "the machines' owner could not be asked about all machines");
      this.#problem = problem;
    }
  }

  async #askAll(nodes: readonly NodeFacts[], signal: AbortSignal): Promise<void> {
    const { provider, clock } = this.#parts;
    const askedAtMonoMs = clock.now().monoMs;
    using deadline = clock.deadline(askTimeoutMs, signal);
    const answers = await provider.survey?.(deadline.signal);
    let failure: unknown;
    await eachOf(nodes, atOnce, async (node) => {
      if (signal.aborted) return;
      await this.#askOne(node, answers, askedAtMonoMs, signal).catch((error: unknown) => {
        failure ??= error;
      });
    });
    if (failure !== undefined) throw failure;
  }

  /** @throws AcesoError when this machine could not be read; the others are */
  async #askOne(
    node: NodeFacts,
    answers: ReadonlyMap<MachineId, PowerAnswer> | undefined,
    surveyedAtMonoMs: MonoMs,
    signal: AbortSignal,
  ): Promise<void> {
    const { provider, machines, clock } = this.#parts;
    const claim = await machines.identify(node, signal);
    if (claim.kind !== "known") return;
    const { machine } = claim;
    const askedAtMonoMs = answers === undefined ? clock.now().monoMs : surveyedAtMonoMs;
    using deadline = clock.deadline(askTimeoutMs, signal);
    const answer =
      answers === undefined ? await provider.observe(machine, identityOf(node), deadline.signal) : answers.get(machine);
    if (answers !== undefined && answer === undefined) return;
    const checked = powerAnswerOf(answer, provider.id, machine);
    this.#readings.set(node.name, readingOf(checked, provider.id, machine, askedAtMonoMs, clock.now()));
  }
}
