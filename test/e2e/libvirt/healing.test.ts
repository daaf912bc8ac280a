import { expect, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import type { ApiObject } from "../../support/api-client.ts";
import { briskSilenceMs } from "../../support/e2e-stage/scenario.ts";
import { eventually } from "../../support/eventually.ts";
import { findAttachedNode, preferringNode, statefulSetWithVolume } from "../../support/fake-csi.ts";
import { isReady, shutOut } from "../../support/node-state.ts";
import { hasOutOfServiceTaint, type RecordedVersion } from "../../support/recorder.ts";
import { expectLawfulTaints } from "../kubernetes/taint-laws.ts";
import { type GuestStage, useGuestStage } from "./guest-stage.ts";

const stage = useGuestStage();
const inService = { isTainted: false, isCordoned: false };
const shut = { isTainted: true, isCordoned: true };
const recoveryHoldMs = 4_000;
/** The recorder and Aceso see one change a little apart. */
const watchDelayMs = 500;

test("virsh destroy control2: cordoned, out of service once it was read off, its pod moves; virsh start brings it back", async () => {
  const it = stage();
  const { api, host, node, recorder } = it;
  await it.create(preferringNode("control2", statefulSetWithVolume("db")));
  await eventually("its pod runs on control2", async () => (await homeOf(it)) === "control2");
  const patientChecks = [{ type: "NodeLease", params: { "unhealthy-duration": "10m" } }];
  await it.heal({ healthcheck: { master: patientChecks, worker: patientChecks } });
  const bootIdBefore = (await node("control2")).status.nodeInfo.bootID;
  await host.virsh("destroy", "control2");
  const elsewhere = await eventually("its pod runs elsewhere", async () => {
    const home = await homeOf(it);
    return home !== "control2" && home;
  });
  const released = await it.untilPhase("control2", "Restoring");
  expect(released.status).toMatchObject({ rung: "power-cycle", plan: { foundOff: true } });
  expect(shutOut(await node("control2"))).toEqual(shut);
  expect(await findAttachedNode(api, "pv-db-0")).toBe(elsewhere);
  expectOffBeforeTaint(it, "control2");
  await it.untilPhase("control2", "Restoring");
  expect(await host.virsh("domstate", "control2")).toBe("shut off");

  await host.virsh("start", "control2");
  const status = await it.untilEnd("control2", undefined);
  expect(status).toMatchObject({ phase: "Healed", reason: "healed" });
  expect(it.acts(), "what Aceso did to guests").toEqual([]);
  const after = await node("control2");
  expect(shutOut(after)).toEqual(inService);
  expect(after.metadata.annotations["aceso.dev/marks"]).toBeUndefined();
  expect(after.status.nodeInfo.bootID).not.toBe(bootIdBefore);
  expect(await host.bootsOf(it.guest("control2"))).toEqual([1, 2]);
  expect(returnedAfterMs(recorder.of("Node", "control2"), bootIdBefore)).toBeGreaterThan(recoveryHoldMs - watchDelayMs);
}, 180_000);

test("virsh destroy control2 again: Aceso switches it on by itself, and returns it to service", async () => {
  const it = stage();
  await it.heal({
    ladder: { worker: ["rebuild"] },
    attempts: { "power-cycle": 10, rebuild: 10 },
    "max-unhealthy": "100%",
    "max-parallel": 3,
    fencing: { "power-off-timeout": "20s" },
  });
  const earlier = await it.lastRepair("control2");
  await it.host.virsh("destroy", "control2");
  expect(await it.untilEnd("control2", earlier)).toMatchObject({ phase: "Healed", rung: "power-cycle", attempt: 1 });
  expect(it.acts()).toEqual(["start"]);
  expect(await it.host.bootsOf(it.guest("control2"))).toEqual([1, 2, 3]);
  expect(shutOut(await it.node("control2"))).toEqual(inService);
}, 120_000);

test("a hung and a paused guest are rebuilt, a saved one is booted anew; each disk that is new counts from 1", async () => {
  const it = stage();
  const { host } = it;
  const names = ["control2", "worker1", "worker2"] as const;
  const identities = () => Promise.all(names.map((name) => identityOf(it, name)));
  const before = {
    identities: await identities(),
    repair: await it.lastRepair("control2"),
    calls: it.proxy.calls.length,
  };
  process.kill(await host.qemuPidOf(it.guest("worker1")), "SIGSTOP");
  await host.virsh("suspend", "worker2");
  await host.virsh("managedsave", "control2");
  const [saved, hung, paused] = await Promise.all([
    it.untilEnd("control2", before.repair),
    it.untilEnd("worker1", undefined),
    it.untilEnd("worker2", undefined),
  ]);
  expect(saved).toMatchObject({ phase: "Healed", rung: "power-cycle" });
  expect(hung).toMatchObject({ phase: "Healed", rung: "rebuild" });
  expect(paused).toMatchObject({ phase: "Healed", rung: "rebuild" });
  expect([...it.acts(before.calls)].sort()).toEqual(
    ["delete-volume", "delete-volume", "destroy", "destroy", "forget-image", "make-volume", "make-volume"].concat([
      "start",
      "start",
      "start",
    ]),
  );
  expect(await Promise.all(names.map((name) => host.bootsOf(it.guest(name))))).toEqual([
    [1, 2, 3, 4],
    [1, 1],
    [1, 1],
  ]);
  expect(await identities()).toEqual(before.identities);
  for (const name of names) expect(await host.virsh("domstate", name, "--reason")).toBe("running (booted)");
}, 180_000);

test("libvirtd killed while it ends a guest: nothing is freed until the next daemon says off, then it is healed", async () => {
  const it = stage();
  const { host, proxy, recorder } = it;
  const earlier = await it.lastRepair("control2");
  const killed = new Promise<void>((resolve, reject) => {
    proxy.before = (procedure) => {
      if (acts.destroy !== procedure) return undefined;
      proxy.before = () => undefined;
      // ending a guest takes a second or two
      systemClock
        .sleep(200)
        .then(() => host.daemon().kill())
        .then(resolve, reject);
      return undefined;
    };
  });
  it.nodes.node("control2").machine.hang();
  await killed;
  await eventually("the power-off's outcome is unknown", async () => {
    const { result } = (await it.repair("control2"))?.status ?? {};
    return result?.effect === "power-off" && result.outcome === "unknown";
  });
  expect(await it.aceso(["explain", "control2"])).toMatch(/switching the machine off, unknown .*no answer/);
  expect(shutOut(await it.node("control2"))).toEqual({ isTainted: false, isCordoned: true });
  const restartedAtMs = systemClock.now().monoMs;
  await host.startDaemon();
  expect(await it.untilEnd("control2", earlier)).toMatchObject({ phase: "Healed", rung: "power-cycle" });
  const tainted = recorder.of("Node", "control2").findLast(({ object }) => hasOutOfServiceTaint(object));
  expect(tainted?.receivedAtMonoMs).toBeGreaterThan(restartedAtMs);
  expect(shutOut(await it.node("control2"))).toEqual(inService);
}, 180_000);

test("in all of this every taint was written on a silent node and taken away in time", () => {
  expectLawfulTaints(stage(), { silenceMs: briskSilenceMs, isProven: true });
});

const acts = { destroy: 234 };

/** Where its pod runs; undefined while it does not. */
async function homeOf({ api }: GuestStage): Promise<string | undefined> {
  const { metadata, spec, status }: ApiObject = await api.get("/api/v1/namespaces/default/pods/db-0");
  return status.phase === "Running" && metadata.deletionTimestamp === undefined ? spec.nodeName : undefined;
}

/** The record held two reads of off, of this guest and at least 2 s apart, before the Node was tainted; both count versions of one etcd. */
function expectOffBeforeTaint({ recorder, guest }: GuestStage, name: string): void {
  const versionOf = ({ object }: RecordedVersion) => Number(object.metadata.resourceVersion);
  const nodes = recorder.of("Node", name);
  const proven = recorder.of("NodeRepair", name).find(({ object }) => (object.status?.evidence ?? []).length >= 2);
  const cordoned = nodes.find(({ object }) => object.spec.unschedulable === true);
  const tainted = nodes.find(({ object }) => hasOutOfServiceTaint(object));
  if (proven === undefined || cordoned === undefined || tainted === undefined)
    throw new Error("never proven or tainted");
  const evidence: readonly ApiObject[] = proven.object.status.evidence;
  for (const each of evidence) {
    expect(each).toMatchObject({ source: "libvirt", machine: guest(name).uuid, value: "off" });
    expect(each.text).toMatch(/^shut off \(destroyed\) on qemu:\/\/\/system/);
  }
  const [first, second] = evidence.map(({ readAt }) => Date.parse(readAt));
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(2_000);
  expect(versionOf(cordoned)).toBeLessThan(versionOf(proven));
  expect(versionOf(proven)).toBeLessThan(versionOf(tainted));
}

/** From the first sight of the node Ready in its new boot to that of the node schedulable again. */
function returnedAfterMs(versions: readonly RecordedVersion[], oldBootId: string): number {
  const isNewBoot = ({ object }: RecordedVersion) => object.status.nodeInfo?.bootID !== oldBootId;
  const ready = versions.findLastIndex((it) => !isNewBoot(it)) + 1;
  const from = versions.slice(ready).find(({ object }) => isReady(object));
  const to = versions.slice(ready).find(({ object }) => object.spec.unschedulable !== true);
  return (to?.receivedAtMonoMs ?? Number.NaN) - (from?.receivedAtMonoMs ?? Number.NaN);
}

async function identityOf({ host }: GuestStage, name: string): Promise<readonly (string | undefined)[]> {
  const definition = await host.virsh("dumpxml", name, "--inactive");
  return [/<uuid>(.*)<\/uuid>/, /<mac address='(.*)'\/>/, /<name>(.*)<\/name>/].map((it) => it.exec(definition)?.[1]);
}
