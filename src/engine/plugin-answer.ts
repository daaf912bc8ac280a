import { AcesoError, type Remedy } from "../core/errors.ts";

/** Longest wait for one answer of the machines' owner. */
export const askTimeoutMs = 60_000;

/** A plugin answered outside its types; nothing is known by it. */
export class NonsenseError extends AcesoError {
  readonly code = "ACESO_PROVIDER_NONSENSE";
  readonly remedy: Remedy = "ask-operator";
}

/** A plugin's answer in a message, short. Never throws. */
export function shown(value: unknown): string {
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 100);
  } catch {
    return typeof value;
  }
}
