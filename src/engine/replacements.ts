import { messageOf } from "../core/errors.ts";
import type { MachineId, NodeFacts, NodeName } from "../core/model.ts";
import { proofAgeMs, proofGapMs } from "../core/proof.ts";
import type { RepairRecord } from "../core/record.ts";
import type { MonoMs } from "../core/time.ts";
import type { Provider, Replacement, ReplaceProgress } from "../plugin-api/provider.ts";
import type { Clock } from "../ports/clock.ts";
import { frozenIdentity } from "./machine-identity.ts";
import type { Machines } from "./machines.ts";
import { askTimeoutMs, NonsenseError, shown } from "./plugin-answer.ts";

/** One read of how a replacement stands. */
export interface FollowRead {
  /** Of which replacement: another act is another one, be its plan the same. */
  readonly of: string;
  readonly state: ReplaceProgress["state"] | "unreadable";
  readonly text: string;
  readonly successor: MachineId | undefined;
  readonly successorNode: NodeName | undefined;
  readonly isOldGone: boolean;
  readonly askedAtMonoMs: MonoMs;
  /** When the first of the unbroken reads came that say that the old machine is gone. */
  readonly goneSinceMonoMs: MonoMs | undefined;
}

/** Longest text of a plan. A longer one cannot be kept in the journal. */
const mostPlan = 1_024;
const mostText = 512;
const states: readonly ReplaceProgress["state"][] = ["not-begun", "under-way", "done", "failed"];

/** Follows replacements by what their owner says. Lives one term; the plan in the journal is all that a new leader needs. */
export class Replacements {
  readonly #id: string;
  readonly #owner: Replacement;
  readonly #machines: Machines;
  readonly #clock: Clock;
  readonly #reads = new Map<NodeName, FollowRead>();

  /** Undefined where the provider's replacements are not followed. */
  static of(provider: Provider, machines: Machines, clock: Clock): Replacements | undefined {
    return provider.replacement && new Replacements(provider.id, provider.replacement, machines, clock);
  }

  constructor(id: string, owner: Replacement, machines: Machines, clock: Clock) {
    this.#id = id;
    this.#owner = owner;
    this.#machines = machines;
    this.#clock = clock;
  }

  /** Read right before a machine is replaced. @throws AcesoError when there is no plan that can be kept */
  async plan(machine: MachineId, record: RepairRecord, node: NodeFacts | undefined, signal: AbortSignal) {
    using deadline = this.#clock.deadline(askTimeoutMs, signal);
    const plan: unknown = await this.#owner.plan(machine, frozenIdentity(record, node), deadline.signal);
    if (typeof plan === "string" && plan.length <= mostPlan) return plan;
    throw new NonsenseError(
      `${this.#id} planned ${shown(plan)} for ${machine}; it must be a text of ${mostPlan} or less`,
    );
  }

  /** The last read of the replacement that the record tells of. */
  last(record: RepairRecord): FollowRead | undefined {
    const read = this.#reads.get(record.node);
    return read !== undefined && read.of === actOf(record) ? read : undefined;
  }

  /** Whether two fresh reads say that the old machine is gone. */
  isOldGone(record: RepairRecord): boolean {
    const read = this.last(record);
    if (read?.goneSinceMonoMs === undefined || !read.isOldGone) return false;
    const isFresh = this.#clock.now().monoMs - read.askedAtMonoMs <= proofAgeMs;
    return isFresh && read.askedAtMonoMs - read.goneSinceMonoMs >= proofGapMs;
  }

  /** Asks, unless the last answer is younger than `maxAgeMs`; looks for the successor's Node among `nodes`. Never throws. */
  async look(
    record: RepairRecord,
    nodes: ReadonlyMap<NodeName, NodeFacts>,
    maxAgeMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { replacement } = record;
    if (replacement === undefined) return;
    const before = this.last(record);
    const askedAtMonoMs = this.#clock.now().monoMs;
    if (before !== undefined && askedAtMonoMs - before.askedAtMonoMs < maxAgeMs) return;
    const answer = await this.#ask(replacement.machine, replacement.plan, signal);
    const successor = answer.successor ?? replacement.successor;
    const successorNode = successor === undefined ? undefined : await this.#nodeOf(successor, nodes, signal);
    const goneBefore = before?.isOldGone === true ? before.goneSinceMonoMs : undefined;
    this.#reads.set(record.node, {
      ...answer,
      of: actOf(record),
      successor,
      successorNode,
      askedAtMonoMs,
      goneSinceMonoMs: answer.isOldGone ? (goneBefore ?? this.#clock.now().monoMs) : undefined,
    });
  }

  async #ask(
    machine: MachineId,
    plan: string,
    signal: AbortSignal,
  ): Promise<Pick<FollowRead, "state" | "text" | "isOldGone" | "successor">> {
    using deadline = this.#clock.deadline(askTimeoutMs, signal);
    try {
      return progressOf(await this.#owner.follow(machine, plan, deadline.signal), this.#id);
    } catch (error) {
      return { state: "unreadable", text: messageOf(error).slice(0, mostText), isOldGone: false, successor: undefined };
    }
  }

  /** The Node that names the successor, and that the provider confirms to be it. */
  async #nodeOf(
    successor: MachineId,
    nodes: ReadonlyMap<NodeName, NodeFacts>,
    signal: AbortSignal,
  ): Promise<NodeName | undefined> {
    const wanted = successor.toLowerCase();
    for (const node of nodes.values()) {
      const names = [node.providerID, node.systemUUID, node.annotations["aceso.dev/machine"] ?? ""];
      if (!names.some((it) => it.toLowerCase().includes(wanted))) continue;
      const claim = await this.#machines.identify(node, signal);
      if (claim.kind === "known" && claim.machine.toLowerCase() === wanted) return node.name;
    }
    return undefined;
  }
}

function actOf({ replacement }: RepairRecord): string {
  return `${replacement?.machine} at ${replacement?.atWallMs}: ${replacement?.plan}`;
}

/** @throws NonsenseError when the plugin answers outside its types */
function progressOf(answer: unknown, id: string): Pick<FollowRead, "state" | "text" | "isOldGone" | "successor"> {
  const it = (answer ?? {}) as Partial<Record<keyof ReplaceProgress, unknown>>;
  const state = states.find((one) => one === it.state);
  const { successor, isOldGone, text } = it;
  const isNamed = successor === undefined || (typeof successor === "string" && successor !== "");
  if (state === undefined || typeof isOldGone !== "boolean" || typeof text !== "string" || !isNamed) {
    throw new NonsenseError(
      `${id} answered ${shown(answer)} of a replacement; state must be one of ${states.join(", ")}`,
    );
  }
  return { state, text: text.slice(0, mostText), isOldGone, successor };
}
