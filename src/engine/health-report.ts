import type { Action, Decision } from "../core/decide.ts";
import { messageOf } from "../core/errors.ts";
import type { NodeName } from "../core/model.ts";
import { isActive, type RepairRecord } from "../core/record.ts";
import { type ClusterView, recordOf } from "../core/view.ts";
import type { HealthReport, Provider } from "../plugin-api/provider.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";

/** Changes within this time are told together, and nothing is told more often. */
const pauseMs = 5_000;
const firstRetryMs = 5_000;
const longestRetryMs = 300_000;
const callTimeoutMs = 60_000;

/**
 * What the owner is told of the nodes: those with a due finding, under repair or held. Texts change only with the facts:
 * no ages and no counts, which change each second.
 */
export function healthReportOf(decision: Decision, view: ClusterView): HealthReport {
  const ill = new Map<NodeName, string>();
  for (const action of decision.actions) {
    const reason = reasonOf(action, decision, view);
    if (reason !== undefined) ill.set(action.node.name, reason);
  }
  // A repair goes on without its Node.
  for (const [name, stored] of view.records) {
    if (stored.kind === "record" && !view.nodes.has(name) && isActive(stored.record))
      ill.set(name, repairing(stored.record));
  }
  const nodes = [...ill].map(([node, reason]) => ({ node, reason }));
  return { ill: nodes.sort((a, b) => (a.node < b.node ? -1 : 1)), nodes: view.nodes.size };
}

function reasonOf(action: Action, { crowd }: Decision, view: ClusterView): string | undefined {
  const { node } = action;
  const due = (crowd.health.get(node.name)?.due ?? []).map((it) => it.check);
  const failing = due.length > 0 ? `${due.sort().join(", ")} failed for too long` : undefined;
  if (action.kind === "repairing") {
    const record = recordOf(view, node.name);
    if (record === undefined) return "under repair";
    return record.phase === "Held" ? `held: ${record.reason}` : repairing(record);
  }
  if (action.kind === "hold") return failing ?? `held: ${action.hold.reason}`;
  if (action.kind === "watch") return failing;
  return failing ?? "about to be repaired";
}

function repairing({ rung }: RepairRecord): string {
  return `under repair (${rung ?? "fenced locally"})`;
}

/** Tells the owner of the cluster's health: at the start of a term, whenever it changes, and again after a failure. */
export class HealthReporter {
  readonly #tell: NonNullable<Provider["reportHealth"]>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #signal: AbortSignal;
  #wanted: HealthReport | undefined;
  #told: string | undefined;
  #problem: string | undefined;
  #run: Promise<void> | undefined;

  /** Undefined where the provider shows no health. */
  static of(provider: Provider | undefined, clock: Clock, log: Log, signal: AbortSignal): HealthReporter | undefined {
    if (provider?.reportHealth === undefined) return undefined;
    return new HealthReporter(provider.reportHealth.bind(provider), clock, log, signal);
  }

  constructor(tell: NonNullable<Provider["reportHealth"]>, clock: Clock, log: Log, signal: AbortSignal) {
    this.#tell = tell;
    this.#clock = clock;
    this.#log = log;
    this.#signal = signal;
  }

  /** To be told of every decision. Returns at once; healing never waits for the owner. */
  note(report: HealthReport): void {
    this.#wanted = report;
    if (this.#isOwed() && !this.#signal.aborted) this.#run ??= this.#work();
  }

  /** Resolves when no call is under way; call it after the signal aborted. */
  async drained(): Promise<void> {
    await this.#run;
  }

  #isOwed(): boolean {
    return this.#wanted !== undefined && JSON.stringify(this.#wanted) !== this.#told;
  }

  /** Never throws. */
  async #work(): Promise<void> {
    let failures = 0;
    try {
      while (this.#isOwed()) {
        failures = (await this.#once()) ? 0 : failures + 1;
        const afterMs = failures === 0 ? pauseMs : Math.min(longestRetryMs, firstRetryMs * 2 ** (failures - 1));
        await this.#clock.sleep(afterMs, this.#signal);
      }
    } catch {
      // The term is over.
    } finally {
      this.#run = undefined;
    }
  }

  async #once(): Promise<boolean> {
    const report = this.#wanted;
    if (report === undefined) return true;
    using deadline = this.#clock.deadline(callTimeoutMs, this.#signal);
    try {
      await this.#tell(report, deadline.signal);
      this.#told = JSON.stringify(report);
      this.#problem = undefined;
      return true;
    } catch (error) {
      this.#signal.throwIfAborted();
      const problem = messageOf(error);
      if (problem !== this.#problem) {
        this.#log.warn({ problem }, "the machines' owner could not be told of the cluster's health; trying again");
      }
      this.#problem = problem;
      return false;
    }
  }
}
