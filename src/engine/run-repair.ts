import { withTaintEvidence } from "../core/evidence.ts";
import { otherReplicaFresh } from "../core/guards-control-plane.ts";
import { hold, holdReasons } from "../core/hold.ts";
import { chooseRung } from "../core/ladder.ts";
import { type EffectResult, isActive, openIntent, type RepairRecord } from "../core/record.ts";
import {
  attemptsAfter,
  end,
  entered,
  evidenceOf,
  nextAttempt,
  withEvidence,
  withHold,
  withIntent,
  withResult,
  withSuccessor,
} from "../core/record-changes.ts";
import { absorbMarks, withoutStaleWord } from "../core/record-marks.ts";
import { nextStep } from "../core/repair-machine.ts";
import { attemptKey, type Step } from "../core/step.ts";
import { announce, announceResult } from "./announce.ts";
import { runEffect } from "./effects.ts";
import { type Gathered, gather } from "./gather.ts";
import { guardOf, isOnMachine, mayAct } from "./may-act.ts";
import { planReplacement } from "./plan-replacement.ts";
import type { Sights } from "./sights.ts";
import type { Again } from "./work-queue.ts";
import { journalTimeoutMs, type Shift, writerOf } from "./world.ts";

/** A held or paused step is looked at again after this long, though nothing changed. */
const holdLookMs = 5_000;
/** Steps of one repair without a pause; a repair that needs more is running in a circle. */
const stepsAtOnce = 60;
/** How long the leader stays out of the election when its own node is the patient. */
const abstainMs = 60_000;

/** Carries one repair on by single steps, each written down before and after. */
export class RepairRunner {
  readonly #shift: Shift;
  readonly #sights: Sights;
  /** Results that could not be written yet: this process knows how its own acts ended. */
  readonly #unwritten = new Map<string, EffectResult>();

  constructor(shift: Shift, sights: Sights) {
    this.#shift = shift;
    this.#sights = sights;
  }

  /**
   * Takes steps until the repair waits, holds or is over.
   *
   * @returns when to look again
   * @throws AcesoError when the API server cannot be asked or somebody else wrote the record; the caller comes back
   */
  async advance(record: RepairRecord): Promise<Again> {
    let current = record;
    for (let steps = 0; steps < stepsAtOnce; steps += 1) {
      this.#shift.term.signal.throwIfAborted();
      if (!isActive(current) && current.phase !== "Held") return undefined;
      const outcome = await this.#step(current);
      if ("again" in outcome) return outcome.again;
      current = outcome.next;
    }
    this.#shift.log.warn(
      { node: record.node, phase: current.phase },
      "many steps without a pause; going on a little later",
    );
    return { afterMs: holdLookMs };
  }

  async #step(stored: RepairRecord): Promise<{ readonly next: RepairRecord } | { readonly again: Again }> {
    const finished = this.#unwritten.get(openIntent(stored)?.id ?? "");
    if (finished !== undefined) return { next: await this.#writeResult(stored, finished) };
    const gathered = await gather(this.#shift, this.#sights, stored);
    const marked = absorbMarks(stored, gathered.node);
    const sober = withoutStaleWord(marked, gathered.node, gathered.seen.isLeaseMoving);
    const record = withSuccessor(this.#withProof(sober, gathered), gathered.seen.replacement?.successor);
    if (await this.#handsOver(record)) return { again: undefined };
    const { plan } = record;
    if (plan === undefined) return { again: undefined };
    const step = nextStep({
      record,
      plan,
      seen: gathered.seen,
      policy: gathered.view.policy,
      guard: (effect) => guardOf(effect, gathered, record, this.#shift.clock.now()),
    });
    if (step === undefined) return { again: undefined };
    return this.#take(step, stored, record, gathered);
  }

  async #take(
    step: Step,
    stored: RepairRecord,
    record: RepairRecord,
    gathered: Gathered,
  ): Promise<{ readonly next: RepairRecord } | { readonly again: Again }> {
    const wallMs = this.#shift.clock.now().wallMs;
    switch (step.kind) {
      case "wait":
        await this.#writeIfChanged(stored, noLongerHeld(record, step.because));
        return { again: { afterMs: step.afterMs } };
      case "hold": {
        await this.#writeIfChanged(stored, withHold(record, step.hold.reason, step.hold.message));
        return { again: { afterMs: holdLookMs } };
      }
      case "enter":
        return { next: await this.#write(stored, entered(record, step, wallMs)) };
      case "end":
        return { next: await this.#write(stored, end(record, step.outcome, step.reason, step.message, wallMs)) };
      case "settle":
        return { next: await this.#write(stored, this.#settled(record, step.because)) };
      case "next-rung":
        return { next: await this.#write(stored, this.#climbed(record, step, gathered)) };
      case "run":
        return { next: await this.#run(step, record, gathered) };
    }
  }

  /** Intent, act, result. The intent is stored before the act: whoever reads it knows that the act may have taken place. */
  async #run(step: Extract<Step, { kind: "run" }>, record: RepairRecord, gathered: Gathered): Promise<RepairRecord> {
    const { clock, term } = this.#shift;
    const id = `${attemptKey(record)}/${step.effect}-${this.#shift.newId()}`;
    const wallMs = clock.now().wallMs;
    const intent = { effect: step.effect, id, startedAtWallMs: wallMs, deadlineMs: step.deadlineMs };
    const planned = await planReplacement(this.#shift, record, gathered, intent);
    const base = planned.kind === "planned" ? planned.record : record;
    const told = step.effect === "taint" ? withTaintEvidence(base, gathered.seen, wallMs) : base;
    const begun: RepairRecord = {
      ...withIntent(told, intent, writerOf(this.#shift), wallMs, gathered.seen.power === "on"),
      reason: step.effect,
      message: step.because,
    };
    if (planned.kind === "failed") return this.#writeResult(record, planned.result, begun);
    const intended = await this.#write(record, begun);
    using deadline = clock.deadline(step.deadlineMs, term.signal);
    const choice = { effect: step.effect, wasSilent: gathered.seen.isSilent };
    const result = await runEffect({
      shift: this.#shift,
      record: intended,
      gathered,
      intent,
      signal: deadline.signal,
      mayAct: () => mayAct(this.#shift, this.#sights, intended, choice),
    });
    this.#unwritten.set(intent.id, result);
    if (isOnMachine(step.effect)) this.#shift.machines?.doubt(record.node);
    return this.#writeResult(intended, result);
  }

  /** @param intended the record with the intent, where that was not written by itself */
  async #writeResult(record: RepairRecord, result: EffectResult, intended = record): Promise<RepairRecord> {
    const written = await this.#write(record, withResult(intended, result));
    this.#unwritten.delete(result.id);
    announceResult(this.#shift, written);
    return written;
  }

  #settled(record: RepairRecord, because: string): RepairRecord {
    const { intent } = record;
    if (intent === undefined) return record;
    const endedAtWallMs = this.#shift.clock.now().wallMs;
    return withResult(record, {
      effect: intent.effect,
      id: intent.id,
      outcome: "unknown",
      message: because,
      remedy: "re-read",
      endedAtWallMs,
    });
  }

  #climbed(record: RepairRecord, step: Extract<Step, { kind: "next-rung" }>, gathered: Gathered): RepairRecord {
    const { view } = gathered;
    const { wallMs } = this.#shift.clock.now();
    const attempts = attemptsAfter(record, step.isSkippingRung, view.policy, wallMs);
    const counted = { ...record, attempts };
    const ladder = record.plan?.ladder ?? [];
    const next = chooseRung(ladder, record.rung, gathered.seen.isSilent, attempts, view.policy, view.cautiousWallMs);
    if (next !== undefined) return nextAttempt(counted, next, step.because, wallMs);
    const { message } = hold("ladder-exhausted", `Last: ${step.because}.`);
    return end(counted, "Held", "ladder-exhausted", message, wallMs);
  }

  #withProof(record: RepairRecord, { seen }: Gathered): RepairRecord {
    return seen.proof === undefined || record.phase !== "Fencing"
      ? record
      : withEvidence(record, [evidenceOf(seen.proof.first), evidenceOf(seen.proof.last)]);
  }

  /** The leader does not operate on itself (DESIGN promise 12). */
  async #handsOver(record: RepairRecord): Promise<boolean> {
    const view = this.#shift.view();
    const node = view.nodes.get(record.node);
    if (view.self.node !== record.node || node === undefined || !isActive(record)) return false;
    if (otherReplicaFresh(view, node, this.#shift.clock.now()) !== undefined) return false;
    this.#shift.log.info({ node: record.node }, "the leader's own node is the patient; another replica is to lead");
    await this.#shift.term.release(abstainMs);
    return true;
  }

  async #writeIfChanged(stored: RepairRecord, record: RepairRecord): Promise<void> {
    if (record !== stored) await this.#write(stored, record);
  }

  async #write(before: RepairRecord, record: RepairRecord): Promise<RepairRecord> {
    const { clock, journal, term } = this.#shift;
    using deadline = clock.deadline(journalTimeoutMs, term.signal);
    const written = await journal.write({ ...record, ...writerOf(this.#shift) }, deadline.signal);
    announce(this.#shift, before, written);
    return written;
  }
}

/** A hold that ended must not stand in the record any more. `Held` keeps its reason until it is over. */
function noLongerHeld(record: RepairRecord, because: string): RepairRecord {
  return record.phase !== "Held" && record.reason in holdReasons ? withHold(record, "waiting", because) : record;
}
