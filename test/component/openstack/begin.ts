import type { SimulatedCloud } from "../../sim/openstack/cloud.ts";
import {
  briskWords,
  type CloudHealing,
  type CloudHealingOptions,
  startCloudHealing,
} from "../../support/cloud-healing.ts";
import type { GuideWords } from "../../support/guide-config.ts";
import type { CloudServer } from "../../support/openstack-cloud.ts";

export interface Beginning extends Omit<CloudHealingOptions, "words"> {
  readonly ladder?: string;
  readonly words?: (stackId: string, cloud: SimulatedCloud) => Partial<GuideWords> | Promise<Partial<GuideWords>>;
}

/** With two replicas on the first two nodes. @returns when Aceso has settled */
export async function begin({ ladder, words, ...options }: Beginning = {}): Promise<CloudHealing> {
  const more = `${briskWords.more}${ladder === undefined ? "" : `ladder: ${ladder}\n`}`;
  const all = async (cloud: SimulatedCloud, stackId: string) => ({
    ...briskWords,
    more,
    ...(await words?.(stackId, cloud)),
  });
  const it = await startCloudHealing({ ...options, words: all });
  const [first, second] = [...it.masters, ...it.workers];
  await it.startReplica("one", first?.name);
  await it.startReplica("two", second?.name);
  await it.world.clock.advance(30_000);
  return it;
}

export function last(servers: readonly CloudServer[]): CloudServer {
  const found = servers.at(-1);
  if (found === undefined) throw new Error("no server");
  return found;
}
