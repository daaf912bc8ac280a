import { ageText } from "./age.ts";
import type { Crowd } from "./crowd.ts";
import { type Action, decide, startHolds } from "./decide.ts";
import { assertNever } from "./errors.ts";
import { factsOf } from "./explain-facts.ts";
import { type HoldReason, holdReasons } from "./hold.ts";
import { holdAdvice } from "./hold-advice.ts";
import { holdEndsAfterMs, type Told } from "./hold-end.ts";
import type { NodeFacts, NodeName } from "./model.ts";
import { pauseOf } from "./pause.ts";
import { phaseLimitMs, phaseTexts } from "./phase-texts.ts";
import { isActive, type Phase, type RepairRecord } from "./record.ts";
import type { MonoMs, Now } from "./time.ts";
import { type ClusterView, recordOf } from "./view.ts";

/** One word for the state of a node, as tables show it. */
export type NodeState = "Well" | "Watched" | "Held" | "Starting" | "Adopting" | "HandingOver" | "Missing" | Phase;

/** Why Aceso does what it does about a node, for people. Command line, page and JSON print the same. */
export interface Explanation {
  readonly node: NodeName;
  readonly state: NodeState;
  /** Machine-readable: a hold reason, the record's reason, or the kind of action. */
  readonly reason: string;
  readonly sentence: string;
  readonly facts: readonly string[];
  /** `afterMs`: when, if time alone brings it; never negative. */
  readonly next: { readonly what: string; readonly afterMs?: number };
  readonly wouldChange: readonly string[];
}

type Core = Omit<Explanation, "node" | "state" | "facts">;

/** Explains one node. Pure: the decision is made here, by the same function that the leader uses. */
export function explain(view: ClusterView, now: Now, name: NodeName): Explanation {
  return explainAll(view, now, [name])[0] as Explanation;
}

/** Explains some nodes with one decision. @returns one a name, in the order of the names */
export function explainAll(view: ClusterView, now: Now, names: readonly NodeName[]): Explanation[] {
  const { about } = judge(view, now);
  return names.map((name) => explainWith(about(name)));
}

/** Names of the nodes that a person should know of: those with an action, and records at work without a Node. */
export function notWell(view: ClusterView, now: Now): NodeName[] {
  return namesToTell(view, decide(view, now).actions);
}

/** A node on the ward round. */
export interface RoundEntry {
  readonly node: NodeName;
  readonly state: NodeState;
  /** In full, which costs more than its state. */
  readonly explain: () => Explanation;
}

/** The nodes that a person should know of, by name, with one decision for all. */
export function wardRound(view: ClusterView, now: Now): RoundEntry[] {
  const { actions, about } = judge(view, now);
  return namesToTell(view, actions).map((node) => {
    const asked = about(node);
    return { node, state: stateOf(asked), explain: () => explainWith(asked) };
  });
}

interface Asked {
  readonly view: ClusterView;
  readonly now: Now;
  readonly crowd: Crowd;
  readonly name: NodeName;
  readonly action: Action | undefined;
}

function judge(view: ClusterView, now: Now) {
  const { actions, crowd } = decide(view, now);
  const byNode = new Map(actions.map((action) => [action.node.name, action]));
  const about = (name: NodeName): Asked => ({ view, now, crowd, name, action: byNode.get(name) });
  return { actions, about };
}

function namesToTell(view: ClusterView, actions: readonly Action[]): NodeName[] {
  const names = new Set(actions.map((action) => action.node.name));
  for (const [name, stored] of view.records) {
    if (view.nodes.has(name)) continue;
    if (stored.kind === "unreadable" || isActive(stored.record) || stored.record.phase === "Held") names.add(name);
  }
  return [...names].sort();
}

function toldOf({ view, now, crowd, name }: Asked): Told {
  return { view, now, node: view.nodes.get(name), record: recordOf(view, name), health: crowd.health.get(name) };
}

function coreOf(asked: Asked): Core {
  const { name, action } = asked;
  const told = toldOf(asked);
  return told.node === undefined ? ofMissing(name, told) : ofAction(name, told, action);
}

function explainWith(asked: Asked): Explanation {
  const { view, now, crowd, name, action } = asked;
  const core = coreOf(asked);
  const behind =
    action?.kind === "hold"
      ? startHolds(action.node, view, crowd, now).filter((reason) => reason !== action.hold.reason)
      : [];
  return {
    node: name,
    state: stateOf(asked),
    ...core,
    wouldChange: core.wouldChange.map((line) => line.replaceAll("NODE", name)),
    facts: [
      ...factsOf(toldOf(asked)),
      ...(behind.length === 0 ? [] : [`When that is over it is still held by: ${behind.join(", ")}.`]),
    ],
  };
}

/** The state of a node in the words of people, by what is to be done about it; a repair's phase is its own word. */
export const statesByAction = {
  watch: "Watched",
  hold: "Held",
  start: "Starting",
  "adopt-marks": "Adopting",
  "hand-over": "HandingOver",
} as const satisfies Record<Exclude<Action["kind"], "repairing">, NodeState>;

function stateOf({ view, name, action }: Asked): NodeState {
  if (!view.nodes.has(name)) return phaseAtWork(recordOf(view, name)) ?? "Missing";
  if (action === undefined) return "Well";
  return action.kind === "repairing" ? action.phase : statesByAction[action.kind];
}

function phaseAtWork(record: RepairRecord | undefined): Phase | undefined {
  return isActive(record) || record?.phase === "Held" ? record?.phase : undefined;
}

const foundOff = "its machine is found off: then its pods are freed at once";

/** Without a provider nobody finds a machine off, and a dry run frees nothing. */
function foundOffActs({ policy }: ClusterView): boolean {
  return policy.provider !== undefined && !policy.isDryRun;
}

function ofAction(name: NodeName, told: Told, action: Action | undefined): Core {
  const { view, now, record } = told;
  if (action === undefined) return ofWell(name, view, record);
  switch (action.kind) {
    case "watch":
      return {
        reason: "watch",
        sentence: `${name} is not well, but not for long enough to act: ${action.because}.`,
        next: at(afterCountdown(action.node, view, record), action.dueAtMonoMs, now),
        wouldChange: ["its checks pass again", ...(foundOffActs(view) ? [foundOff] : [])],
      };
    case "hold":
      return ofHold(name, action.hold.reason, action.hold.message, action.because, action.hold.untilMonoMs, now);
    case "start":
      return {
        reason: "start",
        sentence: `${name} is to be repaired now (${startText(action.start)}): ${action.because}.`,
        next: at("The leader begins the repair by cordoning the node.", now.monoMs, now),
        wouldChange: ["it recovers before the first destructive act", "somebody runs: aceso pause NODE"],
      };
    case "adopt-marks":
      return {
        reason: "adopt-marks",
        sentence: `${name} carries Aceso's marks, but no record says why.`,
        next: { what: "The leader makes a record from the marks and holds the node (record-lost)." },
        wouldChange: holdAdvice["record-lost"].wouldChange,
      };
    case "hand-over":
      return {
        reason: "hand-over",
        sentence: `${name} needs treatment and the leader runs on it: another replica takes the lead. ${action.because}.`,
        next: { what: "The new leader repairs it." },
        wouldChange: ["it recovers by itself"],
      };
    case "repairing":
      return ofRepair(name, action.phase, told);
    default:
      return assertNever(action);
  }
}

/** What the end of the countdown brings. */
function afterCountdown(node: NodeFacts, view: ClusterView, record: RepairRecord | undefined): string {
  if (pauseOf(node, record, view) !== undefined)
    return "Its time is over then, but nothing begins while the pause lasts.";
  if (view.policy.isDryRun) return "Its time is over then, but dry-run only shows what would be done.";
  return "The repair begins then, if it is still ill and no guard holds it.";
}

function ofWell(name: NodeName, view: ClusterView, record: RepairRecord | undefined): Core {
  const past = record?.history.at(-1);
  const told =
    past === undefined
      ? ""
      : ` Its last repair ended ${ageText(view.cautiousWallMs - past.endedAtWallMs)} ago: ${past.outcome}.`;
  return {
    reason: "well",
    sentence: `${name} is well; there is nothing to do.${told}`,
    next: { what: "Nothing." },
    wouldChange: ["a check fails, or its kubelet falls silent"],
  };
}

function ofHold(
  name: NodeName,
  reason: HoldReason,
  message: string,
  because: string,
  untilMonoMs: MonoMs | undefined,
  now: Now,
): Core {
  return {
    reason,
    sentence: `${name} is not touched (${reason}): ${message} Cause: ${because}.`,
    next: at(holdAdvice[reason].next, untilMonoMs, now),
    wouldChange: holdAdvice[reason].wouldChange,
  };
}

function ofRepair(name: NodeName, phase: Phase, told: Told): Core {
  const { record, view } = told;
  const text = phaseTexts[phase];
  const reason = record?.reason ?? "";
  const said = record?.message ? `: ${withoutDot(record.message)}.` : ".";
  if (isHoldReason(reason)) {
    const { next, wouldChange } = holdAdvice[reason];
    const doing = phase === "Held" ? "is held" : `is under repair (${phase}) and waits`;
    return {
      reason,
      sentence: `${name} ${doing} (${reason})${said}`,
      next: after(next, holdEndsAfterMs(reason, told)),
      wouldChange,
    };
  }
  const limitMs = record === undefined ? undefined : phaseLimitMs(record);
  const leftMs =
    limitMs === undefined || record === undefined
      ? undefined
      : record.phaseStartedAtWallMs + limitMs - view.cautiousWallMs;
  return {
    reason: reason || phase,
    sentence: `${name} ${text.doing}${said}`,
    next: after(text.next, leftMs),
    wouldChange: text.wouldChange,
  };
}

function isHoldReason(reason: string): reason is HoldReason {
  return reason in holdReasons;
}

function ofMissing(name: NodeName, told: Told): Core {
  const { record } = told;
  const phase = phaseAtWork(record);
  if (phase !== undefined) return ofRepair(name, phase, told);
  return {
    reason: "node-gone",
    sentence: `There is no Node ${name}, and no repair of it is under way.`,
    next: { what: "Nothing." },
    wouldChange: ["a Node of this name is registered"],
  };
}

function startText({ mode, rung, attempt, isFoundOff }: Extract<Action, { kind: "start" }>["start"]): string {
  const way = rung === undefined ? "fenced locally, without proof" : `${rung}, attempt ${attempt}`;
  return isFoundOff
    ? `${way}; its machine was found off`
    : mode === "living"
      ? `${way}; its kubelet still answers`
      : way;
}

function at(what: string, untilMonoMs: MonoMs | undefined, now: Now): Explanation["next"] {
  return after(what, untilMonoMs === undefined ? undefined : untilMonoMs - now.monoMs);
}

function after(what: string, afterMs: number | undefined): Explanation["next"] {
  return afterMs === undefined ? { what } : { what, afterMs: Math.max(0, afterMs) };
}

function withoutDot(text: string): string {
  return text.replace(/\.$/, "");
}
