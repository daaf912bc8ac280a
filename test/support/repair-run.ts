import fc from "fast-check";
import { isFencing } from "../../src/core/ladder.ts";
import type { Rung } from "../../src/core/model.ts";
import type { Policy } from "../../src/core/policy.ts";
import { isActive, type RepairMode } from "../../src/core/record.ts";
import { begin, planFrom } from "../../src/core/record-changes.ts";
import { emptyRecord, localPolicy, now, policy, ready } from "./core-builders.ts";
import { type CallLuck, RepairDoer } from "./repair-doer.ts";
import { type BootLuck, chance, RepairWorld } from "./repair-world.ts";
import { ReplacingOwner, type SuccessorName } from "./replacing-owner.ts";

export interface Scenario {
  readonly seed: number;
  readonly mode: RepairMode;
  readonly ladder: Policy["ladder"]["worker"];
  readonly isFoundOff: boolean;
  readonly isCordonedByPerson: boolean;
  readonly requireReboot: boolean;
  /** How the owner replaces: at once in the same place, or by a machine that is followed. */
  readonly successor: SuccessorName | "in place";
  /** What people do meanwhile, in the first 20 minutes. */
  readonly events: readonly { readonly atMs: number; readonly what: Interference }[];
}

export type Interference = "uncordon" | "power-on" | "power-off" | "delete-node" | "pause" | "resume" | "new-leader";
const interferences: Interference[] = [
  "uncordon",
  "power-on",
  "power-off",
  "delete-node",
  "pause",
  "resume",
  "new-leader",
];
const stableAfterMs = 20 * 60_000;
/** Every repair must be over by then: every rung's times, some of them doubled by crashes. */
const boundMs = 3 * 3_600_000;

export const scenario: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  mode: fc.constantFrom<RepairMode>("silent", "silent", "living", "unproven"),
  ladder: fc.constantFrom<Policy["ladder"]["worker"]>(
    ["power-cycle"],
    ["soft-reboot", "power-cycle"],
    ["soft-reboot", "hard-reboot", "power-cycle", "rebuild"],
    ["power-cycle", "replace"],
    ["replace"],
  ),
  isFoundOff: fc.boolean(),
  isCordonedByPerson: fc.integer({ min: 0, max: 4 }).map((it) => it === 0),
  requireReboot: fc.boolean(),
  successor: fc.constantFrom("in place", "other", "same"),
  events: fc.array(
    fc.record({ atMs: fc.integer({ min: 0, max: stableAfterMs }), what: fc.constantFrom(...interferences) }),
    { maxLength: 4 },
  ),
});

function policyOf({ mode, ladder, requireReboot, successor }: Scenario): Policy {
  const changes: Partial<Policy> = {
    recoveryHoldMs: 15_000,
    rungTimeoutMs: 120_000,
    rebuildDelayAfterRebootMs: 90_000,
    releaseTimeoutMs: 90_000,
    drainTimeoutMs: 30_000,
    ladder: { master: ladder, worker: ladder },
  };
  const made = mode === "unproven" ? localPolicy(changes) : policy(changes);
  const provider = made.provider && { ...made.provider, followsReplacements: successor !== "in place" };
  return { ...made, provider, fencing: { ...made.fencing, requireReboot, powerOffTimeoutMs: 40_000 } };
}

/** Runs one repair to its end, and half an hour on. @throws Error when it does not end within the bound */
export function runRepair(it: Scenario): RepairDoer {
  const random = chance(it.seed);
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
  const boots: BootLuck[] = ["well", "well", "mute", "dies-after-boot"];
  const calls: CallLuck[] = [
    "works",
    "works",
    "works",
    "answer-lost",
    "refused",
    "no-effect",
    "gives-up",
    "never-arrives",
  ];
  const world: RepairWorld = new RepairWorld(random, () => (world.atMs < stableAfterMs ? pick(boots) : "well"));
  const its = policyOf(it);
  const isFoundOff = it.isFoundOff && it.mode === "silent";
  if (it.isCordonedByPerson) world.patch({ isUnschedulable: true });
  breakNode(world, it.mode, isFoundOff);
  const rung = firstRung(it.mode, its.ladder.worker);
  if (world.node === undefined) throw new Error("the world begins without a Node");
  const plan = planFrom(its, "worker", it.mode, isFoundOff, false);
  const machine = it.mode === "unproven" ? undefined : "m-n1";
  const beginning = {
    id: "r1",
    node: world.node,
    plan,
    rung,
    attempt: 1,
    machine,
    because: "sick",
    request: undefined,
  };
  const record = begin(emptyRecord("n1"), beginning, { leader: "self", leaseTransitions: 1 }, now.wallMs + world.atMs);
  const doer = new RepairDoer(world, record, its, {
    call: () => (world.atMs < stableAfterMs ? pick(calls) : "works"),
    crash: () =>
      world.atMs < stableAfterMs && random() < 0.15 ? pick(["intent-written", "act-done"] as const) : undefined,
  });
  if (it.successor !== "in place") doer.owner = new ReplacingOwner(world, random, it.successor);
  drive(doer, it);
  return doer;
}

/** A living node turns NotReady; a silent one lost its kubelet, and without provider its power too. */
function breakNode(world: RepairWorld, mode: RepairMode, isOff: boolean): void {
  world.isKubeletAlive = mode === "living";
  if (isOff || mode === "unproven") world.power = "off";
  if (mode === "living") world.patch({ conditions: [ready("False")] });
  else world.fallSilent();
  // Without provider only a person brings the machine back.
  if (mode === "unproven") world.after(stableAfterMs + 60_000, () => world.cyclePower());
  world.pass(45_000);
}

function firstRung(mode: RepairMode, ladder: readonly Rung[]): Rung | undefined {
  if (mode === "unproven") return undefined;
  return mode === "silent" ? ladder.find(isFencing) : ladder[0];
}

function drive(doer: RepairDoer, it: Scenario): void {
  const events = [...it.events].sort((a, b) => a.atMs - b.atMs);
  let endedAtMs: number | undefined;
  for (let steps = 0; ; steps += 1) {
    for (; (events[0]?.atMs ?? Number.POSITIVE_INFINITY) <= doer.world.atMs; events.shift())
      interfere(doer, events[0]?.what);
    if (doer.world.atMs >= stableAfterMs) doer.isPaused = false;
    const before = doer.world.atMs;
    const step = doer.step();
    if (step === undefined || doer.record.phase === "Held") endedAtMs ??= before;
    else if (isActive(doer.record)) endedAtMs = undefined;
    if (step === undefined) return;
    if (endedAtMs !== undefined && doer.world.atMs > Math.max(endedAtMs + 600_000, stableAfterMs + 180_000)) return;
    if (doer.world.atMs > boundMs || steps > 40_000) {
      throw new Error(
        `not over after ${doer.world.atMs} ms, ${steps} steps: ${JSON.stringify(doer.record)} ${JSON.stringify(step)}`,
      );
    }
  }
}

function interfere(doer: RepairDoer, what: Interference | undefined): void {
  const { world } = doer;
  if (what === "uncordon") world.patch({ isUnschedulable: false });
  if (what === "power-on") world.switchOn();
  if (what === "power-off") world.switchOff();
  if (what === "delete-node") world.node = undefined;
  if (what === "pause") doer.isPaused = true;
  if (what === "resume") doer.isPaused = false;
  if (what === "new-leader") doer.changeLeader();
}
