import { muteCheck } from "../core/model.ts";
import { type MonoMs, secondMs } from "../core/time.ts";
import type { ProbeResult, ProbingCheck } from "../plugin-api/index.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Meter } from "../ports/meter.ts";
import type { ProbeTarget } from "../ports/reports.ts";
import { Gate } from "./gate.ts";
import { type Dial, knockAtKubelet, withAnswersOfOthers } from "./mute.ts";
import { duePlans, type PairKey, type ProbePlan, pairKey } from "./probe-plan.ts";
import { type ProbeFault, runProbe } from "./run-probe.ts";

/** One verdict of a sweep. */
export interface SweepResult {
  readonly target: ProbeTarget;
  readonly check: string;
  readonly result: ProbeResult;
}

export interface SweepSetup {
  readonly plans: readonly ProbePlan[];
  /** The built-in knock at the kubelet's port; undefined: not wanted. */
  readonly mute: { readonly intervalMs: number; readonly timeoutMs: number } | undefined;
  readonly everyMs: number;
  readonly concurrency: number;
  readonly dial: Dial;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

type Faults = Map<string, { count: number; example: string }>;

/** Runs the due probes of all targets, a bounded number at a time. Remembers what ran when, and what is still running. */
export class Sweeper {
  readonly #setup: SweepSetup;
  readonly #gate: Gate;
  #lastRun = new Map<PairKey, MonoMs>();
  /** Probes that overran and have not ended yet: none of them is started a second time. */
  readonly #stuck = new Set<PairKey>();

  constructor(setup: SweepSetup) {
    this.#setup = setup;
    this.#gate = new Gate(setup.concurrency);
  }

  /** Never throws. Results are worthless after `stop` aborted. */
  async run(targets: readonly ProbeTarget[], stop: AbortSignal): Promise<readonly SweepResult[]> {
    const startedMs = this.#setup.clock.now().monoMs;
    const faults: Faults = new Map();
    const results = await Promise.all(
      targets.map((target) => {
        const plans = duePlans(target, this.#plansFor(target), this.#lastRun, startedMs, this.#setup.everyMs);
        return this.#sweepNode(target, plans, faults, stop);
      }),
    );
    // Built anew in each sweep, so that nodes that are gone are forgotten.
    const pairs = targets.flatMap((target) => this.#plansFor(target).map((plan) => pairKey(target, plan.id)));
    const ran = new Set(results.flat().map(({ target, check }) => pairKey(target, check)));
    this.#lastRun = new Map(
      pairs.map((key) => [key, ran.has(key) ? startedMs : (this.#lastRun.get(key) ?? startedMs)]),
    );
    this.#reportFaults(faults);
    return results.flat();
  }

  /** The plans of a node's role, the knock last. */
  #plansFor(target: ProbeTarget): readonly ProbePlan[] {
    const { plans, mute, dial } = this.#setup;
    const own = plans.filter((plan) => plan.role === target.role);
    if (mute === undefined) return own;
    const check: ProbingCheck = { probe: (node, signal) => knockAtKubelet(node, dial, signal) };
    return [...own, { id: muteCheck, role: target.role, check, ...mute }];
  }

  async #sweepNode(
    target: ProbeTarget,
    plans: readonly ProbePlan[],
    faults: Faults,
    stop: AbortSignal,
  ): Promise<readonly SweepResult[]> {
    const results = await Promise.all(
      plans.map(async (plan) => ({ target, check: plan.id, result: await this.#probe(target, plan, faults, stop) })),
    );
    const others = results.filter(({ check }) => check !== muteCheck).map(({ result }) => result);
    const judged = results.map((entry) =>
      entry.check === muteCheck ? { ...entry, result: withAnswersOfOthers(entry.result, others) } : entry,
    );
    for (const { check, result } of judged)
      this.#setup.meter.count("aceso_probes_total", { check, verdict: result.verdict });
    return judged;
  }

  async #probe(target: ProbeTarget, plan: ProbePlan, faults: Faults, stop: AbortSignal): Promise<ProbeResult> {
    const key = pairKey(target, plan.id);
    if (this.#stuck.has(key))
      return { verdict: "unknown", message: "an earlier run has not ended yet", answered: false };
    return await this.#gate.run(async () => {
      if (stop.aborted) return { verdict: "unknown", message: "stopping", answered: false };
      const { clock, meter } = this.#setup;
      const begunMs = clock.now().monoMs;
      const { result, fault, settled } = await runProbe(plan.check, target, plan.timeoutMs, clock, stop);
      if (!stop.aborted)
        meter.time("aceso_probe_seconds", (clock.now().monoMs - begunMs) / secondMs, { check: plan.id });
      if (fault !== undefined && !stop.aborted) noteFault(faults, plan.id, fault, `${target.name}: ${result.message}`);
      if (fault === "overrun") this.#markStuck(key, settled);
      return result;
    });
  }

  #markStuck(key: PairKey, settled: Promise<void>): void {
    this.#stuck.add(key);
    settled.then(
      () => this.#stuck.delete(key),
      () => this.#stuck.delete(key),
    );
  }

  /** One line per check and fault, however many nodes: a broken check must not flood the log. */
  #reportFaults(faults: Faults): void {
    for (const [name, { count, example }] of faults) {
      const [check = "", fault = ""] = name.split(" ");
      this.#setup.meter.count("aceso_probe_faults_total", { check, fault }, count);
      this.#setup.log.warn(
        { check, fault, nodes: count, example },
        "a health check broke its contract; counted as unknown",
      );
    }
  }
}

function noteFault(faults: Faults, check: string, fault: ProbeFault, example: string): void {
  const name = `${check} ${fault}`;
  const known = faults.get(name);
  if (known === undefined) faults.set(name, { count: 1, example });
  else known.count += 1;
}
