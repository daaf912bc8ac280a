import type { Ids } from "../ids.ts";
import type { Schedule } from "../schedule.ts";

/** One nova-compute. */
export interface ComputeHost {
  readonly id: string;
  readonly name: string;
  isAlive: boolean;
  isForcedDown: boolean;
  /** Since when it has not reported; undefined while it is alive. */
  silentSinceMonoMs: number | undefined;
  lastReportWallMs: number;
  /** Servers were evacuated from it; until it is restarted, it stays down. */
  hasEvacuations: boolean;
}

/** The compute hosts and what the API believes of them. */
export class Hosts {
  readonly all: readonly ComputeHost[];
  readonly #schedule: Schedule;
  readonly #serviceDownMs: number;
  #turn = 0;

  constructor(count: number, ids: Ids, schedule: Schedule, serviceDownMs: number) {
    this.#schedule = schedule;
    this.#serviceDownMs = serviceDownMs;
    this.all = Array.from({ length: count }, (_, index) => ({
      id: ids.uuid(),
      name: `compute-${index + 1}`,
      isAlive: true,
      isForcedDown: false,
      silentSinceMonoMs: undefined,
      lastReportWallMs: schedule.wallMs,
      hasEvacuations: false,
    }));
  }

  get(name: string): ComputeHost {
    const host = this.find(name);
    if (host === undefined) throw new Error(`no compute host ${name}`);
    return host;
  }

  find(nameOrId: string): ComputeHost | undefined {
    return this.all.find(({ name, id }) => name === nameOrId || id === nameOrId);
  }

  /** What `os-services` says; a host that died counts as up until it has missed its reports for long enough. */
  stateOf({ isForcedDown, silentSinceMonoMs }: ComputeHost): "up" | "down" {
    if (isForcedDown) return "down";
    if (silentSinceMonoMs === undefined) return "up";
    return this.#schedule.monoMs - silentSinceMonoMs < this.#serviceDownMs ? "up" : "down";
  }

  /** What admins see in a server as `host_status`. */
  hostStatusOf(host: ComputeHost): "UP" | "DOWN" | "UNKNOWN" {
    if (host.isForcedDown) return "DOWN";
    return this.stateOf(host) === "up" ? "UP" : "UNKNOWN";
  }

  /** Where the next server goes; hosts take turns. Undefined: nowhere. */
  choose(except?: ComputeHost): ComputeHost | undefined {
    const usable = this.all.filter((host) => host !== except && this.stateOf(host) === "up" && host.isAlive);
    this.#turn += 1;
    return usable[this.#turn % Math.max(1, usable.length)];
  }

  die(host: ComputeHost): void {
    if (!host.isAlive) return;
    host.isAlive = false;
    host.silentSinceMonoMs = this.#schedule.monoMs;
    host.lastReportWallMs = this.#schedule.wallMs;
  }

  revive(host: ComputeHost): void {
    host.isAlive = true;
    host.silentSinceMonoMs = undefined;
    host.hasEvacuations = false;
  }
}
