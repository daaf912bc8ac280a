import type { ErrorCode } from "./error-codes.ts";

/** What a caller may do after an error. Chosen where the failure is understood, never guessed later. */
export type Remedy = "retry" | "re-read" | "give-up" | "ask-operator";

/** Base of every error that Aceso raises on purpose. Anything else that surfaces is a bug. */
export abstract class AcesoError extends Error {
  /** What it means and what to do: src/core/error-codes.ts, from where the operations page has it. */
  abstract readonly code: ErrorCode;
  abstract readonly remedy: Remedy;

  override get name(): string {
    return this.constructor.name;
  }
}

/** The remedy of any thrown value; something that is not ours is a bug, and the unit of work is tried again. */
export function remedyOf(error: unknown): Remedy {
  return error instanceof AcesoError ? error.remedy : "retry";
}

/** One line about any thrown value, without stack. */
export function messageOf(error: unknown): string {
  // Node's, of a host whose addresses all failed: it has no message of its own
  if (error instanceof AggregateError && error.message === "" && error.errors.length > 0) {
    return [...new Set(error.errors.map(messageOf))].join("; ");
  }
  return error instanceof Error ? error.message : String(error);
}

/** Compile-time proof that a switch names every case. @throws Error when a value outside the type arrives anyway */
export function assertNever(value: never): never {
  throw new Error(`unexpected case ${JSON.stringify(value)}`);
}
