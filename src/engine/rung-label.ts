import { rungs } from "../core/model.ts";
import type { RepairRecord } from "../core/record.ts";

/** All that `rungOf` may say. */
export const rungLabels = [...rungs, "unproven", "none"] as const;

/** The rung of a repair, for metrics. Fencing without proof is said there, too (DESIGN promise 1). */
export function rungOf({ rung, plan }: RepairRecord): (typeof rungLabels)[number] {
  return rung ?? (plan?.mode === "unproven" ? "unproven" : "none");
}
