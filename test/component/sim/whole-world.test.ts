import { expect, test } from "vitest";
import { connect } from "../../../src/kube/connect.ts";
import { plainAccess } from "../../../src/kube/kube-access.ts";
import { LeaseElector } from "../../../src/kube/lease-elector.ts";
import { KubeNodeWatch } from "../../../src/kube/node-watch.ts";
import type { Term } from "../../../src/ports/leadership.ts";
import { startControllers } from "../../sim/kube/controllers/start.ts";
import { statefulSetDraft } from "../../sim/kube/fixtures.ts";
import { startHollowCluster } from "../../support/hollow/cluster.ts";
import { recordingLog, recordingMeter } from "../../support/recording-log.ts";
import { seededRandom } from "../../support/seeded-random.ts";
import { simulatedWorld } from "../../support/simulated-world.ts";

/** A term of leadership that watches the nodes, as the engine's does. */
async function replica(
  world: Awaited<ReturnType<typeof simulatedWorld>>,
  instance: string,
  seen: string[],
  signal: AbortSignal,
) {
  const { clock, kube } = world;
  const rest = connect(plainAccess(kube.urls, world.agent(instance)), clock, recordingLog(), recordingMeter());
  const startMs = clock.now().monoMs;
  const elector = new LeaseElector(rest, recordingLog(), {
    ...{ identity: instance, namespace: "aceso-system", name: "aceso" },
    ...{ durationMs: 20_000, renewEveryMs: 5_000 },
  });
  const lead = async (term: Term) => {
    seen.push(`${clock.now().monoMs - startMs} ${instance} leads`);
    const watch = new KubeNodeWatch(rest, recordingLog());
    watch.onChange((node) => {
      const at = clock.now().monoMs - startMs;
      const facts = node === undefined ? undefined : watch.nodes().get(node);
      const ready = facts?.conditions.find((one) => one.type === "Ready")?.status;
      seen.push(`${at} ${instance} ${node} ${ready} ${facts?.taints.map((taint) => taint.key).join()}`);
    });
    await watch.run(term.signal);
  };
  await elector.run(lead, signal);
}

/** Two replicas, six machines; one machine loses its power, then the leader dies, then the machine comes back. */
async function story(): Promise<{ seen: string[]; requests: string[] }> {
  using _jitter = seededRandom(7);
  await using world = await simulatedWorld();
  const { clock, kube } = world;
  const stop = new AbortController();
  const seen: string[] = [];
  const cluster = await startHollowCluster({
    ...{ api: world.api, clock, network: "none" },
    nodes: ["n1", "n2", "n3", "n4", "n5", "n6"].map((name) => ({ name })),
  });
  startControllers(kube, stop.signal);
  kube.store.put("statefulsets", statefulSetDraft("web", 3, { hasVolumes: true }));
  const stops = new Map(["a", "b"].map((instance) => [instance, new AbortController()]));
  kube.onKill((instance) => stops.get(instance)?.abort(new Error("killed")));
  const running = [...stops].map(([instance, own]) =>
    replica(world, instance, seen, AbortSignal.any([stop.signal, own.signal])),
  );
  const ready = (name: string) =>
    kube.store.get("nodes", name)?.status.conditions.find((one: { type: string }) => one.type === "Ready")?.status;

  await clock.runUntil(
    () => kube.store.list("pods").every((pod) => pod.status.phase === "Running"),
    60_000,
    "the pods to run",
  );
  await clock.advance(60_000);
  cluster.node("n1").machine.kill();
  await clock.runUntil(() => ready("n1") === "Unknown", 70_000, "n1 to be Unknown");
  kube.kill(kube.store.get("leases", "aceso-system/aceso")?.spec.holderIdentity);
  await clock.advance(60_000);
  const booting = cluster.node("n1").machine.powerOn();
  await clock.runUntil(() => ready("n1") === "True", 60_000, "n1 to be Ready");
  await booting;
  await clock.advance(300_000);
  stop.abort(new Error("the story is over"));
  await Promise.allSettled(running);
  await cluster.stop();
  const requests = kube.log.entries.map(
    (one) => `${Math.round(one.atMonoMs)} ${one.instance} ${one.method} ${one.path}`,
  );
  return { seen, requests };
}

test("the same story happens twice, request by request", async () => {
  const [first, second] = [await story(), await story()];
  expect(first.requests.length).toBeGreaterThan(100);
  expect(second).toEqual(first);
});

test("leaders and watches over real sockets live on virtual time", async () => {
  const { seen } = await story();
  const leaders = seen.filter((line) => line.endsWith("leads"));
  expect(leaders).toHaveLength(2);
  const byTheSecond = seen.filter((line) => line.includes(leaders[1]?.split(" ")[1] ?? "?"));
  expect(byTheSecond.join("\n")).toMatch(/n1 True \n/);
});
