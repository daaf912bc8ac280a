import { messageOf } from "../core/errors.ts";
import type { MachineId, NodeFacts, NodeName, PowerReading } from "../core/model.ts";
import type { RepairRecord } from "../core/record.ts";
import type { MonoMs } from "../core/time.ts";
import type { MachineClaim } from "../core/view.ts";
import type { NodeIdentity, PowerAnswer, Provider } from "../plugin-api/provider.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { Interlocks } from "./interlocks.ts";
import { identityOf } from "./machine-identity.ts";
import { askTimeoutMs, shown } from "./plugin-answer.ts";
import { powerAnswerOf, readingOf } from "./power-answer.ts";

/** Most readings kept of a machine. */
const readingsKept = 8;

/** Which machine each node is and what its owner says of its power. Lives one term: a new leader reads anew. */
export class Machines {
  readonly #provider: Provider;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #claims = new Map<NodeName, MachineClaim>();
  /** What each claim was made from: another annotation or id on the Node is another question. */
  readonly #askedWith = new Map<NodeName, string>();
  readonly #readings = new Map<NodeName, PowerReading[]>();
  readonly #unreadable = new Set<NodeName>();
  readonly #doubtedAt = new Map<NodeName, MonoMs>();
  /** Undefined: the provider knows none. */
  readonly interlocks: Interlocks | undefined;

  constructor(provider: Provider, clock: Clock, log: Log) {
    this.interlocks = Interlocks.of(provider, clock);
    this.#provider = provider;
    this.#clock = clock;
    this.#log = log;
  }

  claims(): ReadonlyMap<NodeName, MachineClaim> {
    return this.#claims;
  }

  /** The machine that a repair is about: the one it began with, else the one that the Node is said to be. */
  machineOf({ node, identity }: RepairRecord): MachineId | undefined {
    const claim = this.#claims.get(node);
    return identity?.machine ?? (claim?.kind === "known" ? claim.machine : undefined);
  }

  readings(): ReadonlyMap<NodeName, readonly PowerReading[]> {
    return this.#readings;
  }

  /** True when the last question about the machine got no answer. */
  isUnreadable(node: NodeName): boolean {
    return this.#unreadable.has(node);
  }

  forget(node: NodeName): void {
    this.#claims.delete(node);
    this.#readings.delete(node);
    this.#unreadable.delete(node);
    this.#doubtedAt.delete(node);
    this.interlocks?.forget(node);
  }

  /** Something was done to its machine, or may have happened to it: what was asked before may not be so any more. */
  doubt(node: NodeName): void {
    this.#doubtedAt.set(node, this.#clock.now().monoMs);
  }

  /** The last reading of the machine, where it could be read and nothing is known to have happened since it was asked for. */
  undoubted(node: NodeName, machine: MachineId): PowerReading | undefined {
    const last = this.#readings.get(node)?.at(-1);
    if (last === undefined || last.machine !== machine || this.isUnreadable(node)) return undefined;
    return last.askedAtMonoMs > (this.#doubtedAt.get(node) ?? Number.NEGATIVE_INFINITY) ? last : undefined;
  }

  /** Finds the node's machine, and asks again while it is not known. Never throws. */
  async identify(node: NodeFacts, signal: AbortSignal): Promise<MachineClaim> {
    const known = this.#claims.get(node.name);
    const question = JSON.stringify(identityOf(node));
    if (known?.kind === "known" && this.#askedWith.get(node.name) === question) return known;
    this.#askedWith.set(node.name, question);
    const claim = await this.claimOf(node, signal);
    this.#claims.set(node.name, claim);
    return claim;
  }

  /** Asks which machine the node is, and keeps nothing. Never throws. */
  async claimOf(node: NodeFacts, signal: AbortSignal): Promise<MachineClaim> {
    using deadline = this.#clock.deadline(askTimeoutMs, signal);
    try {
      const machine = await this.#provider.identify(identityOf(node), deadline.signal);
      if (machine === undefined)
        return { kind: "none", problem: `${this.#provider.id} knows no machine for ${node.name}.` };
      if (typeof machine !== "string" || machine === "") {
        const problem = `${this.#provider.id} answered ${shown(machine)} for ${node.name}; it must be a machine's id`;
        return { kind: "none", problem };
      }
      return { kind: "known", machine, systemUUID: node.systemUUID, providerID: node.providerID };
    } catch (error) {
      return { kind: "none", problem: messageOf(error) };
    }
  }

  /** Reads the machine's power once and keeps it. What cannot be read is `unknown`. Never throws. */
  async observe(machine: MachineId, node: NodeIdentity, signal: AbortSignal): Promise<PowerReading> {
    using deadline = this.#clock.deadline(askTimeoutMs, signal);
    const askedAtMonoMs = this.#clock.now().monoMs;
    const answer = await this.#powerOf(machine, node, deadline.signal).then(
      (its) => ({ ...its, isReadable: true }),
      (error: unknown): PowerAnswer & { isReadable: boolean } => {
        return { power: "unknown", text: messageOf(error), isReadable: false };
      },
    );
    const { isReadable, ...said } = answer;
    const reading = readingOf(said, this.#provider.id, machine, askedAtMonoMs, this.#clock.now());
    if (!isReadable)
      this.#log.warn({ node: node.name, machine, problem: answer.text }, "the machine's power could not be read");
    if (isReadable) this.#unreadable.delete(node.name);
    else this.#unreadable.add(node.name);
    this.#readings.set(node.name, withReading(this.#readings.get(node.name) ?? [], reading));
    return reading;
  }

  async #powerOf(machine: MachineId, node: NodeIdentity, signal: AbortSignal): Promise<PowerAnswer> {
    return powerAnswerOf(await this.#provider.observe(machine, node, signal), this.#provider.id, machine);
  }
}

/**
 * Adds a reading and forgets an old one where there are too many, but never the first of those that say the same: it is
 * the one that proof is counted from, and many reads may fall into the time between two that prove something.
 */
function withReading(readings: readonly PowerReading[], reading: PowerReading): PowerReading[] {
  const all = [...readings, reading];
  if (all.length <= readingsKept) return all;
  const isSame = (it: PowerReading) => it.power === reading.power && it.machine === reading.machine;
  return all.every(isSame) ? all.toSpliced(1, 1) : all.slice(1);
}
