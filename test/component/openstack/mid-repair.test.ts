import { expect, test } from "vitest";
import type { CloudHealing } from "../../support/cloud-healing.ts";
import type { CloudServer } from "../../support/openstack-cloud.ts";
import { begin, last } from "./begin.ts";

const minuteMs = 60_000;

/** Waits until the cloud has accepted this act. */
function untilAccepted(it: CloudHealing, kind: string): Promise<number> {
  return it.world.clock.runUntil(() => it.accepted().includes(kind), 10 * minuteMs, kind);
}

async function hung(options: Parameters<typeof begin>[0] = {}): Promise<{ it: CloudHealing; patient: CloudServer }> {
  const it = await begin(options);
  const patient = last(it.workers);
  it.nodes.node(patient.name).machine.hang();
  return { it, patient };
}

test("the label is switched to false after the stop: the server stays off until it is true again", async () => {
  const { it, patient } = await hung();
  await using _ = it;
  const { uuid } = await it.cluster();
  await untilAccepted(it, "os-stop");
  await it.cloud.setLabel(uuid, "auto_healing_enabled", "false");
  await it.untilTold(patient.name, /HeldBack: .*label auto_healing_enabled/);
  await it.world.clock.advance(10 * minuteMs);
  expect(it.accepted()).toEqual(["os-stop"]);
  expect(it.repair(patient.name)?.status).toMatchObject({ phase: "Restoring", rung: "power-cycle", attempt: 1 });
  await it.cloud.setLabel(uuid, "auto_healing_enabled", "true");
  await it.untilPhase(patient.name, /Healed/);
  expect(it.accepted()).toEqual(["os-stop", "os-start"]);
});

test("a stack update of somebody else begins after the stop: it is not taken for ours, and none is begun beside it", async () => {
  const { it, patient } = await hung({
    ladder: "{worker: [replace]}",
    cloud: { timings: { stackUpdateMs: 5 * minuteMs } },
  });
  await using _ = it;
  await untilAccepted(it, "os-stop");
  await it.cloud.beginForeignUpdate((await it.cluster()).uuid);
  await it.untilTold(patient.name, /HeldBack: .*UPDATE_IN_PROGRESS/);
  await it.world.clock.advance(4 * minuteMs);
  expect(it.accepted()).toEqual(["os-stop"]);
  await it.untilPhase(patient.name, /Healed|Held/, 60 * minuteMs);
  expect(it.accepted()).toEqual(["os-stop", "resize"]);
  expect(it.broken).toEqual([]);
});

test("tokens are revoked between stop and start: a new one is got, and nothing is asked twice", async () => {
  const { it, patient } = await hung();
  await using _ = it;
  await untilAccepted(it, "os-stop");
  await it.cloud.revokeTokens();
  await it.untilPhase(patient.name, /Healed/);
  expect(it.accepted()).toEqual(["os-stop", "os-start"]);
});

test("Keystone is away for two minutes in mid-repair: the repair waits, and ends well", async () => {
  const { it, patient } = await hung();
  await using _ = it;
  await untilAccepted(it, "os-stop");
  await it.cloud.setServiceFault("keystone", "refuses");
  await it.cloud.revokeTokens();
  await it.world.clock.advance(2 * minuteMs);
  expect(it.accepted()).toEqual(["os-stop"]);
  await it.cloud.setServiceFault("keystone", undefined);
  await it.untilPhase(patient.name, /Healed/);
  expect(it.accepted()).toEqual(["os-stop", "os-start"]);
});

test("the server is deleted by hand after it was stopped: its pods are freed, and a new one is made", async () => {
  const { it, patient } = await hung();
  await using _ = it;
  await untilAccepted(it, "os-stop");
  await it.cloud.setFault(patient.id, "power_on", { kind: "fail" });
  await it.world.clock.runUntil(() => it.isTainted(patient.name), minuteMs, "the taint");
  await it.cloud.deleteServer(patient.id);
  const status = await it.untilPhase(patient.name, /Healed|Held/, 60 * minuteMs);
  expect(status).toMatchObject({ phase: "Healed", rung: "replace", reason: "replaced" });
  expect(it.accepted().filter((kind) => kind !== "os-start")).toEqual(["os-stop", "resize"]);
  expect(it.node(patient.name)).toBeUndefined();
  expect(it.broken).toEqual([]);
});

test.each(["os-stop", "os-start"])(
  "the answer to %s is lost after the act took place: it is not sent again",
  async (kind) => {
    const { it, patient } = await hung();
    await using _ = it;
    it.cloud.onCall(({ body }, when) => {
      if (when === "before" && body.includes(kind)) it.cloud.loseNextAnswer("nova", "POST", /\/action$/);
      return undefined;
    });
    await it.untilPhase(patient.name, /Healed|Held/);
    expect(it.repair(patient.name)?.status.phase).toBe("Healed");
    expect(it.accepted()).toEqual(["os-stop", "os-start"]);
  },
);

test("a stop that a dead host had left undone is carried out after the node was given up: it is freed and started", async () => {
  const { it, patient } = await hung();
  await using _ = it;
  await it.cloud.setComputeHost(patient.id, "dead");
  await it.untilPhase(patient.name, /Held/);
  expect(it.isTainted(patient.name)).toBe(false);
  await it.cloud.setComputeHost(patient.id, "alive");
  await it.world.clock.runUntil(() => it.isTainted(patient.name), 5 * minuteMs, "the taint");
  await it.untilPhase(patient.name, /Healed/);
  expect(it.accepted()).toEqual(["os-stop", "os-start"]);
  expect(it.broken).toEqual([]);
});
