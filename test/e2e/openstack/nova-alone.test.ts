import { expect, test } from "vitest";
import { messageOf } from "../../../src/core/errors.ts";
import { eventually } from "../../support/eventually.ts";
import { credentialLogin, type GuideWords } from "../../support/guide-config.ts";
import type { CloudServer } from "../../support/openstack-cloud.ts";
import { hasOutOfServiceTaint } from "../../support/recorder.ts";
import { expectLawfulTaints } from "../kubernetes/taint-laws.ts";
import { briskWords, type CloudStage, patience, testMs, useCloudStage } from "./cloud-stage.ts";
import { expectFencedFirst } from "./fence-first.ts";

// no cluster-name: Nova alone heals. The host of its zone may die.
const stage = useCloudStage({ zone: "risky-4", servers: ["n1", "n2", "n3", "n4", "n5"] });

const powerCycle = ["os-stop", "os-start"];
const words: Partial<GuideWords> = {
  more: `${briskWords.more}ladder: {worker: [power-cycle]}\nattempts: {power-cycle: 1, decay: 1s}\n`,
};
/** For stops whose end is not seen, of which nothing is said before their time is over. */
const givingUpAfter = (timeout: string): Partial<GuideWords> => ({
  more: `${words.more}fencing: {power-off-timeout: ${timeout}}\n`,
});

test(
  "without Magnum a server that hangs is stopped, freed and started",
  async () => {
    const it = stage();
    const patient = last(it);
    await it.heal({ login: await it.restrictedLogin(["member"]), more: briskWords.more ?? "" });
    const since = it.mark();
    const earlier = await strike(it, patient);
    const status = await it.untilEnd(patient.name, earlier);
    expect(status).toMatchObject({ phase: "Healed", rung: "power-cycle" });
    expect(it.accepted(since)).toEqual(powerCycle);
    await expectFencedFirst(it, patient.name, patient.id, status);
  },
  testMs,
);

test(
  "an answer to the stop that is lost after it took place: it is not sent again",
  async () => {
    const it = stage();
    const patient = last(it);
    await it.heal(words);
    const since = it.mark();
    it.cloud.loseNextAnswer("nova", "POST", /\/action$/);
    const earlier = await strike(it, patient);
    expect(await it.untilEnd(patient.name, earlier)).toMatchObject({ phase: "Healed" });
    expect(it.accepted(since)).toEqual(powerCycle);
  },
  testMs,
);

test(
  "tokens revoked and Keystone away in mid-repair: it waits, gets a new token, and ends well",
  async () => {
    const it = stage();
    const patient = last(it);
    await it.heal(givingUpAfter("60s"));
    const since = it.mark();
    // it goes off only when no token is good any more: nobody need be quicker than the repair
    await it.cloud.setFault(patient.id, "power_off", { kind: "delay", seconds: 3_600 });
    const earlier = await strike(it, patient);
    await eventually("it is being stopped", () => it.accepted(since).includes("os-stop"), patience);
    await it.cloud.setServiceFault("keystone", "refuses");
    await it.cloud.revokeTokens();
    await it.cloud.setFault(patient.id, "power_off", undefined);
    await untilTold(it, patient, /ECONNREFUSED/);
    expect(it.accepted(since)).toEqual(["os-stop"]);
    await it.cloud.setServiceFault("keystone", undefined);
    expect(await it.untilEnd(patient.name, earlier)).toMatchObject({ phase: "Healed" });
    expect(it.accepted(since)).toEqual(powerCycle);
  },
  testMs,
);

test(
  "Nova answers 503: nothing is asked of it but reads, until it is back",
  async () => {
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
  },
  testMs,
);

test(
  "a locked server is held with the command that unlocks it",
  async () => {
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
    await untilHealed(it, patient);
    expect(it.accepted(since)).toEqual(powerCycle);
  },
  testMs,
);

test(
  "a stop that never ends frees nothing, and is asked for once; ended after all, it is dealt with",
  async () => {
    const it = stage();
    const patient = last(it);
    await it.heal(givingUpAfter("30s"));
    const since = it.mark();
    await it.cloud.setFault(patient.id, "power_off", { kind: "delay", seconds: 3_600 });
    const earlier = await strike(it, patient);
    const status = await it.untilEnd(patient.name, earlier);
    expect(status).toMatchObject({ phase: "Held" });
    expect(status.message).toContain("powering-off");
    expect(it.accepted(since)).toEqual(["os-stop"]);
    expect(hasOutOfServiceTaint(await it.node(patient.name))).toBe(false);
    await it.cloud.setFault(patient.id, "power_off", undefined);
    await untilHealed(it, patient);
    expect(it.accepted(since)).toEqual(powerCycle);
  },
  testMs,
);

test(
  "a dead compute host is no proof of off; when it returns and carries the stop out, the node is healed",
  async () => {
    const it = stage();
    const patient = last(it);
    await it.heal(givingUpAfter("30s"));
    const since = it.mark();
    await it.cloud.setComputeHost(patient.id, "dead");
    const earlier = await strike(it, patient);
    expect(await it.untilEnd(patient.name, earlier)).toMatchObject({ phase: "Held" });
    expect(it.accepted(since).filter((kind) => kind !== "os-stop")).toEqual([]);
    expect(hasOutOfServiceTaint(await it.node(patient.name))).toBe(false);
    await it.cloud.setComputeHost(patient.id, "alive");
    await untilHealed(it, patient);
    expect(it.accepted(since)).toEqual(powerCycle);
  },
  testMs,
);

test(
  "an application credential that is deleted: nothing is done, and the node's events name it",
  async () => {
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
  },
  testMs,
);

test(
  "a wrong password stops the start",
  async () => {
    const it = stage();
    const login = `  user-id: ${it.cloud.account.userId}\n  password: wrong`;
    // a Keystone that does not answer soon lets a replica start all the same
    const refusal = () => it.heal({ ...words, login }).then(() => undefined, messageOf);
    expect(await eventually("the start ends", refusal, patience)).toMatch(/requires authentication/);
  },
  testMs,
);

test(
  "a server that was deleted by hand is not looked for among others",
  async () => {
    const it = stage();
    const patient = at(it, -2);
    await it.heal(words);
    const since = it.mark();
    await it.cloud.deleteServer(patient.id);
    await untilTold(it, patient, /machine-unknown: .*which this project does not have: deleted/);
    expect(it.asked(since)).toEqual([]);
    expect(hasOutOfServiceTaint(await it.node(patient.name))).toBe(false);
  },
  testMs,
);

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
  await eventually(`an event of ${name} says ${what}`, look, patience);
}

async function untilHealed(it: CloudStage, { name }: CloudServer): Promise<void> {
  await eventually("it is healed", async () => (await it.repair(name))?.status.phase === "Healed", patience);
}
