import type { PowerAnswer, Provider } from "../../../src/plugin-api/index.ts";
import { eventually } from "../eventually.ts";
import type { CloudCluster, CloudServer, OpenStackCloud } from "../openstack-cloud.ts";
import { never, nodeOf } from "../openstack-provider.ts";

/** Longest time of one test on real services. */
export const testMs = 900_000;
const patience = { withinMs: 420_000, everyMs: 100 };

export function observe(provider: Provider, machine: string): Promise<PowerAnswer> {
  return provider.observe(machine, nodeOf(machine), never);
}

/** Waits until the provider reads so. */
export function reads(provider: Provider, machine: string, power: PowerAnswer["power"]): Promise<PowerAnswer> {
  return eventually(
    `${machine} reads ${power}`,
    async () => {
      const answer = await observe(provider, machine);
      return answer.power === power ? answer : undefined;
    },
    patience,
  );
}

/** What a call throws; undefined when it does not. */
export async function thrownBy(run: () => Promise<unknown> | undefined): Promise<unknown> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error;
  }
}

export async function wait<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  return await eventually(what, look, patience);
}

/** @throws Error when the cluster has no such one */
export function pick(servers: readonly CloudServer[], index: number): CloudServer {
  const server = servers[index];
  if (server === undefined) throw new Error(`there is no server ${index}`);
  return server;
}

/** A cluster that healers may touch. */
export function healedCluster(
  cloud: OpenStackCloud,
  name: string,
  masters: number,
  workers: number,
): Promise<CloudCluster> {
  const labels = { auto_healing_enabled: "true", auto_healing_controller: "magnum-auto-healer" };
  return cloud.createCluster({ name, masters, workers, labels });
}
