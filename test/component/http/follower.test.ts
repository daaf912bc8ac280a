import { expect, test } from "vitest";
import { makeParts } from "../../../src/app/setup.ts";
import { LiveWardSource } from "../../../src/app/ward-source.ts";
import { load } from "../../../src/config/load.ts";
import { StaticLeadership } from "../../../src/kube/static-leadership.ts";
import { nodeDraft, nodeLeaseDraft } from "../../sim/kube/fixtures.ts";
import { registry } from "../../support/config-loading.ts";
import { kubeRig, type Rig } from "../kube/rig.ts";

/** A replica that does not lead, on a cluster of two nodes; n2's kubelet is silent for two minutes. */
async function followerIn(rig: Rig) {
  const { kube, clock, rest, log, signal } = rig;
  const { wallMs } = clock.now();
  for (const name of ["n1", "n2"]) {
    kube.store.put("nodes", nodeDraft(name, wallMs - 3_600_000));
    kube.store.put("leases", nodeLeaseDraft(name, name === "n2" ? wallMs - 120_000 : wallMs));
  }
  kube.store.put("daemonsets", { metadata: { name: "aceso", namespace: "aceso" }, spec: {} });
  const config = load("", { file: "config.yaml", registry, layers: { env: {}, flags: {} } });
  const parts = await makeParts({ config, registry }, { clock, log });
  const source = new LiveWardSource({
    rest,
    log,
    clock,
    signal,
    parts,
    namespace: "aceso",
    daemonSet: "aceso",
    leadership: new StaticLeadership("the leader"),
    leading: () => undefined,
    servedBy: { instance: "a follower", node: "n1" },
    version: "0.0.0",
    configSource: "config.yaml",
  });
  const look = async () => {
    let seen: Awaited<ReturnType<typeof source.look>> | undefined;
    const looking = source.look(signal).then((it) => {
      seen = it;
    });
    await clock.runUntil(() => seen !== undefined, 30_000, "a look");
    await looking;
    return seen as Awaited<ReturnType<typeof source.look>>;
  };
  return { source, look };
}

test("a follower reads nothing until somebody looks, watches while somebody does, and stops soon after", async () => {
  await using rig = await kubeRig();
  const { source, look } = await followerIn(rig);
  expect(rig.kube.log.entries).toEqual([]);
  expect((await look()).view.nodes.size).toBe(2);
  const lists = () => rig.kube.log.entries.filter((it) => it.plural === "nodes" && !it.isWatch).length;
  for (let i = 0; i < 30; i++) {
    await rig.clock.advance(1_000);
    await look();
  }
  expect([lists(), rig.kube.openWatches("nodes")]).toEqual([1, 1]);
  await rig.clock.runUntil(() => !source.isFollowing, 20_000, "the end of following");
  expect(rig.kube.openWatches()).toBe(0);
  const asked = rig.kube.log.entries.length;
  await rig.clock.advance(60_000);
  expect(rig.kube.log.entries).toHaveLength(asked);
});

test("who looks again later sees what is so then, not what was so before", async () => {
  await using rig = await kubeRig();
  const { source, look } = await followerIn(rig);
  await look();
  await rig.clock.runUntil(() => !source.isFollowing, 20_000, "the end of following");
  rig.kube.store.put("nodes", nodeDraft("n3", rig.clock.now().wallMs));
  expect([...(await look()).view.nodes.keys()]).toEqual(["n1", "n2", "n3"]);
});

test("a follower tells ages by the objects' timestamps, since it has watched nothing", async () => {
  await using rig = await kubeRig();
  const { look } = await followerIn(rig);
  const { view, now, notes } = await look();
  const lease = view.leases.get("n2");
  expect(Math.round((now.monoMs - (lease?.changedAtMonoMs ?? 0)) / 60_000)).toBe(2);
  expect(view.cluster.kind).toBe("read");
  expect(notes.join()).toContain("timestamps");
});
