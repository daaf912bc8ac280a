import { AcesoError, type Remedy } from "../core/errors.ts";
import type { Intent, RepairRecord } from "../core/record.ts";
import type { Gathered } from "./gather.ts";
import type { Shift } from "./world.ts";

/** What an effect is given. `mayAct` reads the world once more, and throws when the step must not be taken. */
export interface EffectRun {
  readonly shift: Shift;
  readonly record: RepairRecord;
  readonly gathered: Gathered;
  readonly intent: Intent;
  readonly signal: AbortSignal;
  readonly mayAct: () => Promise<Gathered>;
}

/** An act that must not be done now; the next look says why. */
export class NotNowError extends AcesoError {
  readonly code = "ACESO_NOT_NOW";
  readonly remedy: Remedy = "retry";
}
