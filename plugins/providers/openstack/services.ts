import { AcesoError, type Clock, type Log, messageOf } from "../../../src/plugin-api/index.ts";
import type { OpenStackSession } from "../../shared/openstack/session.ts";
import { Heat } from "./heat.ts";
import { Magnum } from "./magnum.ts";
import { chooseMode, type Mode } from "./mode.ts";
import { Nova } from "./nova.ts";
import { type Roster, rosterOfCluster, rosterOfStack } from "./roster.ts";
import type { OpenStackSettings } from "./settings.ts";

/** The services that take part. */
export interface Services {
  readonly mode: Mode;
  readonly nova: Nova;
  /** Modes `heat` and `magnum`. */
  readonly stacks: { readonly heat: Heat; readonly roster: Roster } | undefined;
  /** Mode `magnum`. */
  readonly magnum: Magnum | undefined;
}

interface Parts {
  readonly session: OpenStackSession;
  readonly settings: OpenStackSettings;
  readonly clock: Clock;
  readonly log: Log;
}

/** Longest wait for the cloud at the start; a healer must also start during an outage. */
const startMs = 15_000;

/** Which services take part: read from the catalog once, and until then nothing is asked of any of them. */
export class ServiceChoice {
  readonly #parts: Parts;
  #chosen: Services | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * The mode that capabilities follow from: the catalog's, or the configuration's while the cloud cannot be reached.
   *
   * @throws AcesoError (ask-operator) when Keystone refuses us
   */
  async start(): Promise<Mode> {
    const { clock, log, settings } = this.#parts;
    using deadline = clock.deadline(startMs);
    try {
      return (await this.get(deadline.signal)).mode;
    } catch (error) {
      if (error instanceof AcesoError && error.remedy === "ask-operator") throw error;
      const { mode } = chooseMode(settings, undefined);
      log.warn({ problem: messageOf(error), mode }, "the cloud could not be asked at the start; it is asked again");
      return mode;
    }
  }

  /** @throws ProviderError while the catalog cannot be read */
  async get(signal: AbortSignal): Promise<Services> {
    if (this.#chosen !== undefined) return this.#chosen;
    const { session, settings, log } = this.#parts;
    const { mode, warnings } = chooseMode(settings, await session.services(signal));
    // Two callers may have asked at the same time.
    if (this.#chosen !== undefined) return this.#chosen;
    for (const warning of warnings) log.warn({}, warning);
    log.info({ mode }, "the services that take part are known");
    this.#chosen = this.#build(mode);
    return this.#chosen;
  }

  #build(mode: Mode): Services {
    const { session, settings, clock } = this.#parts;
    const nova = new Nova(session);
    const heat = new Heat(session);
    if (mode === "magnum" && settings.clusterName !== undefined) {
      const magnum = new Magnum(session, settings.clusterName);
      return { mode, nova, magnum, stacks: { heat, roster: rosterOfCluster(magnum, heat, clock) } };
    }
    if (mode === "heat" && settings.stack !== undefined) {
      return { mode, nova, magnum: undefined, stacks: { heat, roster: rosterOfStack(settings.stack, heat, clock) } };
    }
    return { mode: "nova", nova, magnum: undefined, stacks: undefined };
  }
}
