import { AcesoError, messageOf, remedyOf } from "../core/errors.ts";
import type { EffectResult, Intent, RepairRecord } from "../core/record.ts";
import type { Gathered } from "./gather.ts";
import type { Shift } from "./world.ts";

/** The record with what its replacement is told by, or why there is no such thing. */
export type Planned =
  | { readonly kind: "planned"; readonly record: RepairRecord }
  | { readonly kind: "failed"; readonly result: EffectResult };

/**
 * Reads the provider's plan for a machine that is about to be replaced, so that it stands in the record with the intent.
 * Other effects, and providers that follow nothing, need none. A plan that cannot be read fails the act before it began.
 */
export async function planReplacement(
  shift: Shift,
  record: RepairRecord,
  gathered: Gathered,
  { effect, id, startedAtWallMs }: Pick<Intent, "effect" | "id" | "startedAtWallMs">,
): Promise<Planned> {
  const { replacements, machines, clock, term } = shift;
  const machine = machines?.machineOf(record);
  if (effect !== "replace" || replacements === undefined || machine === undefined) return { kind: "planned", record };
  try {
    const plan = await replacements.plan(machine, record, gathered.node, term.signal);
    return { kind: "planned", record: { ...record, replacement: { machine, plan, atWallMs: startedAtWallMs } } };
  } catch (error) {
    term.signal.throwIfAborted();
    if (!(error instanceof AcesoError)) {
      shift.log.error({ err: error, node: record.node }, "planning a replacement threw something unexpected");
    }
    // Nothing was asked for yet, so there is no outcome to be unsure of.
    const remedy = remedyOf(error) === "re-read" ? "retry" : remedyOf(error);
    const message = `planning it: ${messageOf(error)}`.slice(0, 512);
    const endedAtWallMs = clock.now().wallMs;
    return { kind: "failed", result: { effect, id, outcome: "failed", message, remedy, endedAtWallMs } };
  }
}
