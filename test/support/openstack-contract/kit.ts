import { randomBytes } from "node:crypto";
import { systemClock } from "../../../src/app/clock.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { eventually } from "../eventually.ts";
import type { CloudCluster, CloudServer, OpenStackCloud } from "../openstack-cloud.ts";
import { type HttpAnswer, HttpSession, type Json } from "../openstack-http.ts";

/** How time passes for the tests of one cloud. Real time unless given. */
export interface Pace {
  readonly clock: Clock;
  /** Does the work while time passes. */
  run(work: () => Promise<void>): Promise<void>;
}

export const realPace: Pace = { clock: systemClock, run: (work) => work() };

/** The cloud, made once for all tests of the contract, and what they make in it. */
export class ContractKit {
  readonly pace: Pace;
  readonly #setUp: () => Promise<OpenStackCloud>;
  #cloud: Promise<OpenStackCloud> | undefined;
  #cluster: Promise<CloudCluster> | undefined;
  #shared: Promise<CloudServer> | undefined;
  #other: Promise<CloudServer> | undefined;
  #onVolume: Promise<CloudServer> | undefined;

  constructor(setUp: () => Promise<OpenStackCloud>, pace: Pace) {
    this.#setUp = setUp;
    this.pace = pace;
  }

  cloud(): Promise<OpenStackCloud> {
    this.#cloud ??= this.#setUp();
    return this.#cloud;
  }

  async session(): Promise<HttpSession> {
    return HttpSession.open((await this.cloud()).account);
  }

  /** One cluster with a master and two workers for all tests; asked for early, it is built while others run. */
  cluster(): Promise<CloudCluster> {
    this.#cluster ??= this.#makeCluster();
    return this.#cluster;
  }

  /** A fresh running server. */
  async server(options?: Parameters<OpenStackCloud["createServer"]>[1]): Promise<CloudServer> {
    const cloud = await this.cloud();
    return cloud.createServer(`contract-${randomBytes(3).toString("hex")}`, options);
  }

  /** One server that many tests share, as each of them finds it: ACTIVE, at rest, with the metadata `colour: blue`. */
  async running(): Promise<CloudServer> {
    const cloud = await this.cloud();
    this.#shared ??= this.server({ metadata: { colour: "blue" } });
    const { id } = await this.#shared;
    return this.until("the shared server runs", async () => {
      const server = await cloud.server(id);
      if (server?.taskState !== null) return false;
      if (server.status === "ACTIVE") return server;
      await cloud.act(id, server.status === "SHUTOFF" ? start : hardReboot);
      return false;
    });
  }

  /** A second one, which nobody changes. */
  other(): Promise<CloudServer> {
    this.#other ??= this.server();
    return this.#other;
  }

  /** One on a volume. */
  onVolume(): Promise<CloudServer> {
    this.#onVolume ??= this.server({ fromVolume: true });
    return this.#onVolume;
  }

  /** Waits on the cloud's clock: `look` may answer undefined or false, or throw, until it is so. */
  until<T>(what: string, look: () => Promise<T | undefined | false>, withinMs = 420_000): Promise<T> {
    return eventually(what, look, { withinMs, everyMs: 250, clock: this.pace.clock });
  }

  /** Waits until no task runs and the status is the wanted one. */
  async settled(session: HttpSession, id: string, status: string): Promise<Json> {
    return this.until(`${id} is ${status}`, async () => {
      const server = (await session.nova("GET", `/servers/${id}`)).body.server;
      return server["OS-EXT-STS:task_state"] === null && server.status === status && server;
    });
  }

  /** What was made goes with the cloud: to delete a stack in the middle of an update takes minutes. */
  async close(): Promise<void> {
    const cloud = await this.#cloud?.catch(() => undefined);
    await cloud?.[Symbol.asyncDispose]();
  }

  async #makeCluster(): Promise<CloudCluster> {
    const cloud = await this.cloud();
    const name = `contract-${randomBytes(3).toString("hex")}`;
    return cloud.createCluster({ name, masters: 1, workers: 2, labels: { contract: "yes" } });
  }
}

/** An action of Nova by the healer. */
export function act(session: HttpSession, id: string, action: Json, version?: string): Promise<HttpAnswer> {
  return session.nova("POST", `/servers/${id}/action`, action, version);
}

export const stop = { "os-stop": null };
export const start = { "os-start": null };
export const softReboot = { reboot: { type: "SOFT" } };
export const hardReboot = { reboot: { type: "HARD" } };

export async function rebuildOf(session: HttpSession, id: string): Promise<Json> {
  const { server } = (await session.nova("GET", `/servers/${id}`)).body;
  return { rebuild: { imageRef: server.image.id } };
}
