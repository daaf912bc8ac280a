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

/** Parameters that fit the plugin's schema one by one but make no sense together. Thrown by `create`; stops the start. */
export class PluginParamError extends AcesoError {
  readonly code = "ACESO_PLUGIN_PARAMS";
  readonly remedy = "ask-operator";
}
