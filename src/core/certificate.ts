import { hourMs, type WallMs } from "./time.ts";

/** When a certificate holds. */
export interface Validity {
  readonly fromWallMs: WallMs;
  readonly untilWallMs: WallMs;
}

/** How a certificate stands now; the day before it ends is too late to find that nobody renews it. */
export type Standing = "not-yet" | "valid" | "ends-soon" | "ended";

const soonMs = 14 * 24 * hourMs;

export function standingOf({ fromWallMs, untilWallMs }: Validity, nowWallMs: WallMs): Standing {
  if (nowWallMs > untilWallMs) return "ended";
  if (nowWallMs < fromWallMs) return "not-yet";
  return untilWallMs - nowWallMs < soonMs ? "ends-soon" : "valid";
}
