import { withTaintEvidence } from "../../src/core/evidence.ts";
import { type Hold, hold } from "../../src/core/hold.ts";
import { chooseRung } from "../../src/core/ladder.ts";
import type { PowerReading } from "../../src/core/model.ts";
import type { Policy } from "../../src/core/policy.ts";
import { proofOfOff } from "../../src/core/proof.ts";
import type { Effect, EffectResult, RepairRecord } from "../../src/core/record.ts";
import * as change from "../../src/core/record-changes.ts";
import { absorbMarks } from "../../src/core/record-marks.ts";
import { nextStep } from "../../src/core/repair-machine.ts";
import { attemptKey, type Seen, type Step } from "../../src/core/step.ts";
import type { Now } from "../../src/core/time.ts";
import { marksOf } from "../../src/core/view.ts";
import { progressKeys, Sights } from "../../src/engine/sights.ts";
import { now as start } from "./core-builders.ts";
import type { RepairWorld } from "./repair-world.ts";
import type { ReplacingOwner } from "./replacing-owner.ts";

/** How a provider's call ends: what it does to the machine and what the caller is told. */
export type CallLuck = "works" | "answer-lost" | "refused" | "no-effect" | "gives-up" | "never-arrives";

/** One act on the world, for the rules to look at afterwards. */
export interface Act {
  readonly effect: Effect;
  readonly attempt: string;
  readonly luck: CallLuck;
  readonly seen: Seen;
  readonly record: RepairRecord;
  readonly truth: { readonly power: string; readonly isTainted: boolean; readonly isGone: boolean };
}

export interface Chances {
  readonly call: () => CallLuck;
  /** Where the leader dies while it runs an effect. */
  readonly crash: () => "intent-written" | "act-done" | undefined;
}

/** The leader: takes single steps as the engine does, over the pure core, and dies where chance says. */
export class RepairDoer {
  record: RepairRecord;
  isPaused = false;
  /** Replacements are followed where there is one. */
  owner: ReplacingOwner | undefined;
  readonly acts: Act[] = [];
  readonly world: RepairWorld;
  readonly #policy: Policy;
  readonly #chances: Chances;
  #sights = new Sights();
  #readings: PowerReading[] = [];
  #lease = { version: -1, changedAtMs: 0, hasMoved: false };
  #sickSinceMs: number | undefined;
  #term = 1;
  #ids = 0;

  constructor(world: RepairWorld, record: RepairRecord, policy: Policy, chances: Chances) {
    this.world = world;
    this.record = record;
    this.#policy = policy;
    this.#chances = chances;
  }

  /** The leader dies; the next one has seen nothing yet. */
  changeLeader(): void {
    this.#term += 1;
    this.#sights = new Sights();
    this.#readings = [];
    this.#lease = { version: -1, changedAtMs: 0, hasMoved: false };
    this.#sickSinceMs = undefined;
    this.world.pass(22_000);
  }

  /** One look and one step. Returns the step. */
  step(): Step | undefined {
    const stored = this.record;
    const seen = this.#look(absorbMarks(stored, this.world.node));
    const absorbed = absorbMarks(stored, this.world.node);
    const record = stored.phase === "Fencing" ? withTaintEvidence(absorbed, seen, this.#now().wallMs) : absorbed;
    const { plan } = record;
    if (plan === undefined) throw new Error("a record without plan");
    const step = nextStep({
      record,
      plan,
      seen,
      policy: this.#policy,
      guard: (effect) => this.#guard(effect, seen, plan.mode),
    });
    if (step !== undefined) this.#take(step, record, seen);
    return step;
  }

  #now(): Now {
    return { monoMs: start.monoMs + this.world.atMs, wallMs: start.wallMs + this.world.atMs };
  }

  #guard(effect: Effect, seen: Seen, mode: string): Hold | undefined {
    if (effect === "untaint" || effect === "uncordon") return undefined;
    if (this.isPaused) return hold("paused");
    if (effect !== "taint" || mode !== "unproven") return undefined;
    return seen.isReady ? hold("still-ready") : seen.isMute ? undefined : hold("answers-network");
  }

  #take(step: Step, record: RepairRecord, seen: Seen): void {
    const { wallMs } = this.#now();
    switch (step.kind) {
      case "wait":
      case "hold":
        this.record = step.kind === "hold" ? change.withHold(record, step.hold.reason, step.hold.message) : record;
        this.world.pass(step.kind === "hold" ? 10_000 : Math.max(500, step.afterMs));
        return;
      case "enter":
        this.record = change.entered(record, step, wallMs);
        return;
      case "end":
        this.record = change.end(record, step.outcome, step.reason, step.message, wallMs);
        return;
      case "settle":
        this.record = this.#resulting(record, "unknown", "nobody wrote how it ended");
        return;
      case "next-rung":
        this.record = this.#climbed(record, step, seen);
        return;
      case "run":
        this.#run(step, record, seen);
    }
  }

  #climbed(record: RepairRecord, step: Extract<Step, { kind: "next-rung" }>, seen: Seen): RepairRecord {
    const { wallMs } = this.#now();
    const attempts = change.attemptsAfter(record, step.isSkippingRung, this.#policy, wallMs);
    const ladder = record.plan?.ladder ?? [];
    const next = chooseRung(ladder, record.rung, seen.isSilent, attempts, this.#policy, wallMs);
    if (next !== undefined) return change.nextAttempt({ ...record, attempts }, next, step.because, wallMs);
    return change.end({ ...record, attempts }, "Held", "ladder-exhausted", step.because, wallMs);
  }

  #run(step: Extract<Step, { kind: "run" }>, record: RepairRecord, seen: Seen): void {
    const { wallMs } = this.#now();
    const plan = { machine: "m-n1", plan: `planned at ${wallMs}`, atWallMs: wallMs };
    const planned = step.effect === "replace" && this.owner !== undefined ? { ...record, replacement: plan } : record;
    const told = step.effect === "taint" ? withTaintEvidence(planned, seen, wallMs) : planned;
    this.#ids += 1;
    const id = `${attemptKey(record)}/${step.effect}-${this.#ids}`;
    const intent = { effect: step.effect, id, startedAtWallMs: wallMs, deadlineMs: step.deadlineMs };
    this.record = change.withIntent(told, intent, { leader: "self", leaseTransitions: this.#term }, wallMs);
    const crash = this.#chances.crash();
    const luck = crash === "intent-written" ? "never-arrives" : this.#act(step.effect, seen);
    if (crash !== undefined) {
      this.changeLeader();
      return;
    }
    const outcome = luck === "answer-lost" || luck === "never-arrives" ? "unknown" : undefined;
    this.record = this.#resulting(
      this.record,
      outcome ?? (luck === "refused" || luck === "gives-up" ? "failed" : "done"),
      luck,
    );
  }

  #resulting(record: RepairRecord, outcome: EffectResult["outcome"], luck: string): RepairRecord {
    const { intent } = record;
    if (intent === undefined) return record;
    const remedies = {
      unknown: "re-read",
      failed: luck === "gives-up" ? "give-up" : "retry",
      done: undefined,
    } as const;
    const remedy = remedies[outcome];
    return change.withResult(record, {
      effect: intent.effect,
      id: intent.id,
      outcome,
      message: luck,
      ...(remedy === undefined ? {} : { remedy }),
      endedAtWallMs: this.#now().wallMs,
    });
  }

  #act(effect: Effect, seen: Seen): CallLuck {
    const { world, record } = this;
    const isCall = !["cordon", "uncordon", "taint", "untaint", "force-delete", "drain", "delete-node"].includes(effect);
    const luck = isCall ? this.#chances.call() : "works";
    const truth = { power: world.power, isTainted: world.isTainted, isGone: world.isGone };
    this.acts.push({ effect, attempt: attemptKey(record), luck, seen, record, truth });
    if (luck !== "works" && luck !== "answer-lost") return luck;
    const marks = record.marks;
    const write = (its: object) => JSON.stringify({ repairId: record.id, bootID: record.identity?.bootID, marks: its });
    switch (effect) {
      case "cordon": {
        const { node } = world;
        const known = node && marksOf(node)?.repairId === record.id ? marksOf(node)?.marks.cordon : marks.cordon;
        const cordon = known ?? { wasUnschedulable: node?.isUnschedulable === true, atWallMs: this.#now().wallMs };
        world.patch({ isUnschedulable: true });
        world.setMarks(write({ ...marks, cordon }));
        break;
      }
      case "uncordon":
        if (marks.cordon?.wasUnschedulable === false) world.patch({ isUnschedulable: false });
        world.setMarks(undefined);
        break;
      case "taint":
        world.setTaint(true);
        world.setMarks(write({ ...marks, outOfService: { atWallMs: this.#now().wallMs } }));
        break;
      case "untaint":
        world.setTaint(false);
        world.setMarks(write({ cordon: marks.cordon }));
        break;
      case "force-delete":
      case "drain":
        world.deleteAllPods();
        break;
      case "power-off":
        world.switchOff();
        break;
      case "delete-node":
        world.node = undefined;
        break;
      case "replace":
        if (this.owner === undefined) world.switchOn();
        else this.owner.begin();
        break;
      case "power-on":
      case "rebuild":
        world.switchOn();
        break;
      default:
        world.restart();
    }
    return luck;
  }

  #look(record: RepairRecord): Seen {
    const { world } = this;
    const now = this.#now();
    if (world.leaseVersion !== this.#lease.version) {
      this.#lease = { version: world.leaseVersion, changedAtMs: world.atMs, hasMoved: this.#lease.version >= 0 };
    }
    const isSilent = world.node === undefined || world.atMs - this.#lease.changedAtMs >= 25_000;
    const isLeaseMoving = !isSilent && this.#lease.hasMoved;
    const isReady = world.node?.conditions.some((it) => it.status === "True") === true;
    const isSick = isSilent || !isReady;
    this.#sickSinceMs = isSick ? (this.#sickSinceMs ?? world.atMs) : undefined;
    const isWell = !isSick && this.#lease.hasMoved;
    if (["Fencing", "Releasing", "Restoring"].includes(record.phase ?? "") && record.plan?.mode !== "unproven")
      this.#observe(now);
    const keys = progressKeys(record);
    const progress = { [keys.phase]: true, [keys.rung]: keys.rung !== "", [keys.intent]: true, [keys.result]: true };
    const facts = { ...progress, ...(this.owner && { [this.owner.fact()]: true }) };
    const ageOf = this.#sights.note("n1", { ...facts, healthy: isWell, living: isLeaseMoving }, now);
    return {
      node: world.node,
      isSilent,
      isLeaseMoving,
      isReady,
      isSick,
      isWell,
      isDue: this.#sickSinceMs !== undefined && world.atMs - this.#sickSinceMs >= 30_000,
      isMute: world.power !== "on",
      healthyForMs: ageOf("healthy"),
      livingForMs: ageOf("living"),
      leaselessForMs: 0,
      proof: proofOfOff(this.#readings, now),
      power: this.#readings.at(-1)?.readAtMonoMs === now.monoMs ? this.#readings.at(-1)?.power : undefined,
      powerText: "",
      failedAct: undefined,
      replacement: this.owner?.seen(record, ageOf),
      evictablePods: world.pods - world.terminating,
      releasablePods: world.pods,
      untouchedPods: world.pods - world.terminating,
      attachments: world.attachments,
      phaseForMs: ageOf(keys.phase),
      rungForMs: ageOf(keys.rung),
      intentForMs: ageOf(keys.intent),
      resultForMs: ageOf(keys.result),
      isConfirmedOff: false,
    };
  }

  #observe(now: Now): void {
    this.#readings = [
      ...this.#readings,
      {
        source: "sim",
        machine: "m-n1",
        power: this.world.power,
        text: this.world.power,
        askedAtMonoMs: now.monoMs,
        readAtMonoMs: now.monoMs,
        readAtWallMs: now.wallMs,
      },
    ].slice(-8);
  }
}
