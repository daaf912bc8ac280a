import type { OpenStackAnswer, OpenStackCall } from "./call.ts";

/** An authenticated conversation with the services of one region and project. Safe to share between any number of callers. */
export interface OpenStackSession {
  /**
   * Sends one call and answers with what came back, whatever its status: what a 404 or 409 means is the caller's to
   * know. A 401 gets a new token once. GET is repeated after 429, 502, 503, 504 and lost connections while the signal
   * allows; nothing else is ever repeated.
   *
   * @throws OpenStackUnreachableError (remedy `retry`) when the call certainly did not reach the service, or was a GET
   * @throws OpenStackOutcomeUnknownError (remedy `re-read`) when a call that changes something got no answer
   * @throws OpenStackAuthError when Keystone refuses (remedy `ask-operator`) or cannot be asked (remedy `retry`)
   */
  call(call: OpenStackCall): Promise<OpenStackAnswer>;
  /** Service types that the catalog offers in the configured region and interface. @throws as `call` */
  services(signal: AbortSignal): Promise<ReadonlySet<string>>;
  /** The project that the token is for. @throws as `call` */
  projectId(signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}
