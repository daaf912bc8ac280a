import { AcesoError, type Remedy } from "../core/errors.ts";

/** The machine's owner could not be asked, refused, or left an outcome unknown. */
export class ProviderError extends AcesoError {
  readonly code = "ACESO_PROVIDER";
  readonly remedy: Remedy;

  /** @param message what was tried, on what, what came back, what to do */
  constructor(message: string, remedy: Remedy, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}
