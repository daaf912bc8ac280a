import { type Clock, type Log, messageOf } from "../../../src/plugin-api/index.ts";
import { oneLine } from "../process/one-line.ts";
import type { OpenStackAnswer, OpenStackCall, ServiceType } from "./call.ts";
import { urlOf } from "./call-url.ts";
import { bodyOf, Caller, headerOf, requestIdOf, type SeenRequest } from "./caller.ts";
import { endpointOf, reachableServices, versionRootOf } from "./catalog.ts";
import { CloudAccessReader } from "./cloud-access.ts";
import {
  OpenStackAuthError,
  OpenStackOutcomeUnknownError,
  OpenStackUnreachableError,
  OpenStackVersionError,
} from "./errors.ts";
import type { Exchange, HttpAnswer } from "./exchange.ts";
import { faultText } from "./fault-text.ts";
import { logIn, type Token } from "./keystone.ts";
import { type MicroversionRange, rangeOf } from "./microversions.ts";
import type { OpenStackSession } from "./session.ts";
import type { SessionSettings } from "./settings.ts";
import { TokenKeeper } from "./token-keeper.ts";

export interface SessionParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Told of each request after its end, Keystone's included. */
  readonly onCall?: (seen: SeenRequest) => void;
  /** Where proxies and the place of `clouds.yaml` are looked up; the process's own unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Opens nothing yet: the first call reads the files and logs in. */
export function openSession(settings: SessionSettings, parts: SessionParts): OpenStackSession {
  return new Session(settings, parts);
}

class Session implements OpenStackSession {
  readonly #caller: Caller;
  readonly #keeper: TokenKeeper;
  readonly #ranges = new Map<ServiceType, MicroversionRange>();

  constructor(settings: SessionSettings, { clock, log, onCall, environment = process.env }: SessionParts) {
    const caller = new Caller({ clock, log, environment, onCall });
    const reader = new CloudAccessReader(settings, environment);
    this.#caller = caller;
    this.#keeper = new TokenKeeper({
      clock,
      log,
      readAccess: () => reader.read(),
      logIn: (access, signal) => logIn(caller, access, signal),
    });
  }

  async call(call: OpenStackCall): Promise<OpenStackAnswer> {
    const answer = await this.#answer(call, (endpoint) => urlOf(endpoint, call));
    return {
      status: answer.status,
      body: bodyOf(answer),
      requestId: requestIdOf(answer),
      location: headerOf(answer.headers, "location"),
    };
  }

  async services(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const { catalog, access } = await this.#token("reading the catalog", signal);
    return reachableServices(catalog, access.choice);
  }

  async microversions(service: ServiceType, signal: AbortSignal): Promise<MicroversionRange | undefined> {
    if (versioned[service] === undefined) return undefined;
    const known = this.#ranges.get(service);
    if (known !== undefined) return known;
    const answer = await this.#answer({ service, method: "GET", path: "(its version)", signal }, versionRootOf);
    const range = answer.status < 400 ? rangeOf(answer.headers, bodyOf(answer)) : undefined;
    if (range === undefined) {
      const { status } = answer;
      throw new OpenStackUnreachableError(`asking ${service} for its microversions: status ${status}, none named`);
    }
    this.#ranges.set(service, range);
    return range;
  }

  async projectId(signal: AbortSignal): Promise<string> {
    return (await this.#token("reading the project's id", signal)).projectId;
  }

  async close(): Promise<void> {
    await this.#keeper.close();
    this.#caller.close();
  }

  async #answer(call: OpenStackCall, place: (endpoint: URL) => URL): Promise<HttpAnswer> {
    const what = `${call.method} ${call.service} ${call.path}`;
    for (let refusals = 0; ; refusals += 1) {
      const token = await this.#token(what, call.signal);
      const answer = this.#answered(call, token, what, await this.#send(call, place, token));
      if (answer.status === 406) {
        this.#ranges.delete(call.service);
        throw unsupported(call, what, answer, token);
      }
      if (answer.status !== 401) return answer;
      // the service carried nothing out, so any call may be sent again with another token
      if (refusals > 0 || !this.#keeper.drop(token)) {
        throw new OpenStackAuthError(`${what}: ${call.service} refuses a token that Keystone has just given`, "retry");
      }
    }
  }

  #send(call: OpenStackCall, place: (endpoint: URL) => URL, token: Token): Promise<Exchange> {
    const { service, method, body, signal } = call;
    const { id, catalog, access, projectId } = token;
    const url = place(endpointOf(service, catalog, access.choice, projectId));
    const headers = { accept: "application/json", "user-agent": "aceso", "x-auth-token": id, ...versionHeader(call) };
    const request = { service, method, url, headers, body, isRepeatable: method === "GET" };
    return this.#caller.send(request, access, signal);
  }

  #answered({ method }: OpenStackCall, { id, access }: Token, what: string, outcome: Exchange): HttpAnswer {
    if (outcome.kind === "answer") return outcome;
    const problem = oneLine(outcome.problem, 200, [...access.secrets, id]);
    if (outcome.kind === "unsent") throw new OpenStackUnreachableError(`${what}: not sent: ${problem}`);
    if (method === "GET") throw new OpenStackUnreachableError(`${what}: no answer: ${problem}`);
    throw new OpenStackOutcomeUnknownError(
      `${what}: sent, but no answer came (${problem}): whether it took place is unknown, read it back`,
    );
  }

  async #token(what: string, signal: AbortSignal): Promise<Token> {
    try {
      signal.throwIfAborted();
      return await this.#keeper.token(signal);
    } catch (error) {
      if (!signal.aborted || error instanceof OpenStackAuthError) throw error;
      throw new OpenStackUnreachableError(`${what}: not sent, no token yet: ${messageOf(signal.reason)}`);
    }
  }
}

function unsupported(call: OpenStackCall, what: string, answer: HttpAnswer, { id, access }: Token): Error {
  const said = faultText({ status: answer.status, body: bodyOf(answer) }, [...access.secrets, id]);
  const version = call.microversion ?? "its oldest microversion";
  return new OpenStackVersionError(`${what}: ${call.service} does not do this with ${version}: ${said}`);
}

/** Names of services in `OpenStack-API-Version`. */
const versioned: Readonly<Partial<Record<ServiceType, string>>> = {
  compute: "compute",
  "container-infra": "container-infra",
  volumev3: "volume",
};

function versionHeader({ service, microversion }: OpenStackCall): Record<string, string> {
  const name = versioned[service];
  return name === undefined || microversion === undefined ? {} : { "openstack-api-version": `${name} ${microversion}` };
}
