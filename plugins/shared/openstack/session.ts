import type { OpenStackAnswer, OpenStackCall, ServiceType } from "./call.ts";
import type { MicroversionRange } from "./microversions.ts";

/** An authenticated conversation with the services of one region and project. Safe to share between any number of callers. */
export interface OpenStackSession {
  /**
   * Sends one call and answers with what came back, whatever its status but 401: what a 404 or 409 means is the
   * caller's to know. After a 401 a new token is got and the call sent once more, also when it changes something, since
   * nothing was carried out. GET is repeated up to four times after 429, 502, 503, 504 and lost connections while the
   * signal allows, and then gives the last answer; nothing else is ever repeated.
   *
   * @throws OpenStackUnreachableError (remedy `retry`) when the call certainly did not reach the service, or was a GET
   * @throws OpenStackOutcomeUnknownError (remedy `re-read`) when a call that changes something got no answer
   * @throws OpenStackAuthError when Keystone refuses (remedy `ask-operator`) or cannot be asked, or the service does
   *   not take Keystone's tokens (remedy `retry`); in none of these cases was the call carried out
   * @throws OpenStackCatalogError (remedy `ask-operator`) when the service is not in the catalog; nothing was sent
   * @throws OpenStackVersionError (remedy `give-up`) after a 406: the service does not speak the call's microversion
   */
  call(call: OpenStackCall): Promise<OpenStackAnswer>;
  /** Service types with an endpoint in the configured region and interface, ours under our names. @throws as `call` */
  services(signal: AbortSignal): Promise<ReadonlySet<string>>;
  /**
   * Microversions that the service speaks, remembered until it answers 406; undefined for Heat and Glance, which have
   * none.
   *
   * @throws as `call`, and OpenStackUnreachableError when the answer names none
   */
  microversions(service: ServiceType, signal: AbortSignal): Promise<MicroversionRange | undefined>;
  /** The project that the token is for. @throws as `call` */
  projectId(signal: AbortSignal): Promise<string>;
  /** Closes the connections when the calls under way have ended; later ones are not sent. */
  close(): Promise<void>;
}
