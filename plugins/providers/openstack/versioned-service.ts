import type { OpenStackAnswer, OpenStackCall, ServiceType } from "../../shared/openstack/call.ts";
import { compareVersions } from "../../shared/openstack/microversions.ts";
import type { OpenStackSession } from "../../shared/openstack/session.ts";

/** Calls of one service, each with the newest microversion that both sides know. */
export class VersionedService {
  readonly #session: OpenStackSession;
  readonly #service: ServiceType;
  readonly #newest: string;

  /** @param newest the one that this plugin was written for, as `2.93` */
  constructor(session: OpenStackSession, service: ServiceType, newest: string) {
    this.#session = session;
    this.#service = service;
    this.#newest = newest;
  }

  async allows(microversion: string, signal: AbortSignal): Promise<boolean> {
    const version = await this.#version(signal);
    return version !== undefined && compareVersions(version, microversion) >= 0;
  }

  async call(call: Omit<OpenStackCall, "service" | "microversion">): Promise<OpenStackAnswer> {
    const version = await this.#version(call.signal);
    const microversion = version === undefined ? {} : { microversion: version };
    return this.#session.call({ ...call, service: this.#service, ...microversion });
  }

  /** Undefined: the service has none. Asked once in the session's life. */
  async #version(signal: AbortSignal): Promise<string | undefined> {
    const range = await this.#session.microversions(this.#service, signal);
    if (range === undefined) return undefined;
    return compareVersions(range.max, this.#newest) < 0 ? range.max : this.#newest;
  }
}
