import { ProviderError, type Remedy } from "../../../src/plugin-api/index.ts";

/** The call did not take place, or only read: it may be made again. */
export class OpenStackUnreachableError extends ProviderError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, "retry", options);
  }
}

/** A call that changes something was sent and no answer came: nobody knows whether it took place. */
export class OpenStackOutcomeUnknownError extends ProviderError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, "re-read", options);
  }
}

/** Keystone refuses us (`ask-operator`) or cannot be asked (`retry`). Nothing was asked of any other service. */
export class OpenStackAuthError extends ProviderError {
  declare readonly remedy: Extract<Remedy, "retry" | "ask-operator">;

  constructor(message: string, remedy: "retry" | "ask-operator", options?: ErrorOptions) {
    super(message, remedy, options);
  }
}

/** Catalog, region, interface or address do not fit what was asked for; only the operator can change that. */
export class OpenStackCatalogError extends ProviderError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, "ask-operator", options);
  }
}

/** The service does not speak the microversion that the call needs: what needs it cannot work on this cloud. */
export class OpenStackVersionError extends ProviderError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, "give-up", options);
  }
}
