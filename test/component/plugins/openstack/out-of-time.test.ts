import { expect, test } from "vitest";
import { ProviderError } from "../../../../src/plugin-api/index.ts";
import { actOn, changesSeen, makeOpenStack, never, nodeOf } from "../../../support/openstack-provider.ts";
import { healedCluster, pick, thrownBy } from "../../../support/openstack-provider-contract/scene.ts";
import { simulatedCloud } from "./simulated.ts";

test("an act whose time is over before anything is sent certainly did not take place, and says so", async () => {
  await using cloud = await simulatedCloud();
  const cluster = await healedCluster(cloud, "late", 1, 2);
  const provider = await makeOpenStack(cloud, { clusterName: cluster.uuid });
  const [master, worker] = [pick(cluster.masters, 0).id, pick(cluster.workers, 0).id];
  const before = changesSeen(cloud);
  const planOf = (id: string) => provider.replacement?.plan(id, nodeOf(id), never);
  const plans = { master: await planOf(master), worker: await planOf(worker) };
  /** The last question before anything is sent takes so long that there is no time left. */
  const late = (id: string) => {
    const end = new AbortController();
    return actOn(id, { signal: end.signal, mayAct: async () => end.abort(new Error("no answer within 60000 ms")) });
  };
  for (const run of [
    () => provider.powerOff?.(late(worker)),
    () => provider.reboot?.(late(worker), "hard"),
    () => provider.rebuild?.(late(worker)),
    () => provider.replace?.(late(worker), plans.worker),
    () => provider.replace?.(late(master), plans.master),
  ]) {
    const error = await thrownBy(run);
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ remedy: "retry", message: expect.stringContaining("not sent") });
  }
  expect(changesSeen(cloud)).toBe(before);
});
