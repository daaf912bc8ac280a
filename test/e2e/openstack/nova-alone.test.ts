import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { credentialLogin, type GuideWords } from "../../support/guide-config.ts";
import type { CloudServer } from "../../support/openstack-cloud.ts";
import { hasOutOfServiceTaint } from "../../support/recorder.ts";
import { expectLawfulTaints } from "../kubernetes/taint-laws.ts";
import { briskWords, type CloudStage, useCloudStage } from "./cloud-stage.ts";
import { expectFencedFirst } from "./fence-first.ts";

// no cluster-name: Nova alone heals. The hosts of the zone `risky` may die.
const stage = useCloudStage({ zone: "risky", servers: ["n1", "n2", "n3", "n4", "n5"] });

const powerCycle = ["os-stop", "os-start"];
const words: Partial<GuideWords> = {
  more: `${briskWords.more}ladder: {worker: [power-cycle]}\nattempts: {power-cycle: 1, decay: 1s}\n`,
};

test("without Magnum a server that hangs is stopped, freed and started", async () => {
  const it = stage();
  const patient = last(it);
  await it.heal({ login: await it.restrictedLogin(["member"]), more: briskWords.more ?? "" });
  const since = it.mark();
  const earlier = await strike(it, patient);
  const status = await it.untilEnd(patient.name, earlier);
  expect(status).toMatchObject({ phase: "Healed", rung: "power-cycle" });
  expect(it.accepted(since)).toEqual(powerCycle);
  await expectFencedFirst(it, patient.name, patient.id, status);
}, 180_000);

test("an answer to the stop that is lost after it took place: it is not sent again", async () => {
  const it = stage();
  const patient = last(it);
  await it.heal(words);
  const since = it.mark();
  it.cloud.loseNextAnswer("nova", "POST", /\/action$/);
  const earlier = await strike(it, patient);
  expect(await it.untilEnd(patient.name, earlier)).toMatchObject({ phase: "Healed" });
  expect(it.accepted(since)).toEqual(powerCycle);
}, 180_000);

test("tokens revoked and Keystone away in mid-repair: it waits, gets a new token, and ends well", async () => {
  const it = stage();
  const patient = last(it);
  await it.heal(words);
  const since = it.mark();
  const earlier = await strike(it, patient);
  await eventually("it is stopped", () => it.accepted(since).includes("os-stop"), { withinMs: 90_000, everyMs: 5 });
  await it.cloud.setServiceFault("keystone", "refuses");
  await it.cloud.revokeTokens();
  await eventually(
    "the hold is told",
    async () => (await it.told(patient.name)).some((text) => /ECONNREFUSED/.test(text)),
    {
      withinMs: 60_000,
    },
  );
  expect(it.accepted(since)).toEqual(["os-stop"]);
  await it.cloud.setServiceFault("keystone", undefined);
  expect(await it.untilEnd(patient.name, earlier)).toMatchObject({ phase: "Healed" });
  expect(it.accepted(since)).toEqual(powerCycle);
}, 240_000);

test("Nova answers 503: nothing is asked of it but reads, until it is back", async () => {
  const it = stage();
  const patient = last(it);
  await it.heal(words);
  const since = it.mark();
  await it.cloud.setServiceFault("nova", "answers-503");
  const earlier = await strike(it, patient);
  await untilTold(it, patient, /machine-unknown: .*503|provider-unknown: .*503/);
  expect(it.asked(since)).toEqual([]);
  await it.cloud.setServiceFault("nova", undefined);
  expect(await it.untilEnd(patient.name, earlier)).toMatchObject({ phase: "Healed" });
  expect(it.accepted(since)).toEqual(powerCycle);
}, 240_000);

test("a locked server is held with the command that unlocks it", async () => {
  const it = stage();
  const patient = last(it);
  await it.heal(words);
  const since = it.mark();
  await it.cloud.act(patient.id, { lock: null });
  const earlier = await strike(it, patient);
  const status = await it.untilEnd(patient.name, earlier);
  expect(status).toMatchObject({ phase: "Held", reason: "ask-operator" });
  expect(status.message).toContain(`openstack server unlock ${patient.id}`);
  expect(it.asked(since)).toEqual([]);
  await it.cloud.act(patient.id, { unlock: null });
  await it.aceso(["repair", patient.name, "--release-hold"]);
  await eventually("it is healed", async () => (await it.repair(patient.name))?.status.phase === "Healed", {
    withinMs: 120_000,
  });
  expect(it.accepted(since)).toEqual(powerCycle);
}, 240_000);

test("a stop that never ends frees nothing, and is asked for once; ended after all, it is dealt with", async () => {
  const it = stage();
  const patient = last(it);
  await it.heal(words);
  const since = it.mark();
  await it.cloud.setFault(patient.id, "power_off", { kind: "delay", seconds: 3_600 });
  const earlier = await strike(it, patient);
  const status = await it.untilEnd(patient.name, earlier);
  expect(status).toMatchObject({ phase: "Held" });
  expect(status.message).toContain("powering-off");
  expect(it.accepted(since)).toEqual(["os-stop"]);
  expect(hasOutOfServiceTaint(await it.node(patient.name))).toBe(false);
  await it.cloud.setFault(patient.id, "power_off", undefined);
  await eventually("it is healed", async () => (await it.repair(patient.name))?.status.phase === "Healed", {
    withinMs: 120_000,
  });
  expect(it.accepted(since)).toEqual(powerCycle);
}, 300_000);

test("a dead compute host is no proof of off; when it returns and carries the stop out, the node is healed", async () => {
  const it = stage();
  const patient = last(it);
  await it.heal(words);
  const since = it.mark();
  await it.cloud.setComputeHost(patient.id, "dead");
  const earlier = await strike(it, patient);
  expect(await it.untilEnd(patient.name, earlier)).toMatchObject({ phase: "Held" });
  expect(it.accepted(since).filter((kind) => kind !== "os-stop")).toEqual([]);
  expect(hasOutOfServiceTaint(await it.node(patient.name))).toBe(false);
  await it.cloud.setComputeHost(patient.id, "alive");
  await eventually("it is healed", async () => (await it.repair(patient.name))?.status.phase === "Healed", {
    withinMs: 180_000,
  });
  expect(it.accepted(since)).toEqual(powerCycle);
}, 420_000);

test("an application credential that is deleted: nothing is done, and the node's events name it", async () => {
  const it = stage();
  const patient = last(it);
  const credential = await it.cloud.createApplicationCredential({ name: "healer" });
  const login = credentialLogin(credential);
  await it.heal({ ...words, login });
  const since = it.mark();
  await it.cloud.deleteApplicationCredential(credential.id);
  const earlier = await strike(it, patient);
  await untilTold(it, patient, /Could not find Application Credential/);
  expect(it.asked(since)).toEqual([]);
  await it.heal(words);
  expect(await it.untilEnd(patient.name, earlier)).toMatchObject({ phase: "Healed" });
}, 240_000);

test("a wrong password stops the start", async () => {
  const it = stage();
  const login = `  user-id: ${it.cloud.account.userId}\n  password: wrong`;
  await expect(it.heal({ ...words, login })).rejects.toThrow(/requires authentication/);
}, 90_000);

test("a server that was deleted by hand is not looked for among others", async () => {
  const it = stage();
  const patient = at(it, -2);
  await it.heal(words);
  const since = it.mark();
  await it.cloud.deleteServer(patient.id);
  await untilTold(it, patient, /machine-unknown: .*which this project does not have: deleted/);
  expect(it.asked(since)).toEqual([]);
  expect(hasOutOfServiceTaint(await it.node(patient.name))).toBe(false);
}, 180_000);

test("every taint of this run was lawful", () => {
  expectLawfulTaints(stage(), { silenceMs: 8_000, isProven: true, takenBackWithinMs: 30_000 });
});

function last(it: CloudStage): CloudServer {
  return at(it, -1);
}

function at({ workers }: CloudStage, index: number): CloudServer {
  const found = workers.at(index);
  if (found === undefined) throw new Error(`no server ${index}`);
  return found;
}

/** Hangs the machine. @returns the id of the node's repair before */
async function strike(it: CloudStage, { name }: CloudServer): Promise<string | undefined> {
  const earlier = (await it.repair(name))?.status.id;
  it.nodes.node(name).machine.hang();
  return earlier;
}

async function untilTold(it: CloudStage, { name }: CloudServer, what: RegExp): Promise<void> {
  const look = async () => (await it.told(name)).some((text) => what.test(text));
  await eventually(`an event of ${name} says ${what}`, look, { withinMs: 90_000, everyMs: 500 });
}
