import { writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import * as make from "../../support/core-builders.ts";
import { answer, loseAnswer, startReceiver, staySilent, take } from "./receiver.ts";
import { holdNote, phaseNote, secret, webhookRig } from "./rig.ts";

describe("a notification", () => {
  test("says what happened, to whom, when and by what evidence", async () => {
    await using receiver = await startReceiver();
    await using rig = await webhookRig(receiver);
    const reading = {
      source: "exec",
      machine: "m-n1",
      value: "off",
      text: "power off",
      readAtWallMs: make.now.wallMs,
    } as const;
    rig.webhook.record(phaseNote("n1", { record: make.record({ phase: "Releasing", evidence: [reading] }) }));
    rig.webhook.record(holdNote);
    await rig.until("sent", 2);
    const [phase, hold] = receiver.received;
    expect(phase?.headers["content-type"]).toBe("application/json");
    expect(phase?.body).toEqual({
      version: 1,
      id: "id-1",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      cluster: "east",
      event: "RepairFencing",
      severity: "normal",
      node: "n1",
      phase: "Releasing",
      hold: null,
      sentence: "n1 is being fenced (cordoned)",
      facts: {
        nodeUid: "uid-n1",
        repair: "r1",
        startedAt: "2027-01-15T07:59:00.000Z",
        rung: "power-cycle",
        attempt: 1,
        machine: "m-n1",
        evidence: [
          { source: "exec", machine: "m-n1", value: "off", text: "power off", readAt: "2027-01-15T08:00:00.000Z" },
        ],
      },
    });
    expect(hold?.body).toMatchObject({
      severity: "warning",
      phase: null,
      hold: "paused",
      facts: { nodeUid: "uid-n2" },
    });
  });

  test("is not sent again within ten minutes when it says the same, and is afterwards", async () => {
    await using receiver = await startReceiver();
    await using rig = await webhookRig(receiver);
    for (const skipMs of [0, 300_000, 301_000]) {
      rig.clock.skip(skipMs);
      rig.webhook.record(holdNote);
    }
    rig.webhook.record(phaseNote());
    await rig.until("sent", 3);
    expect(receiver.received.map(({ body }) => body.event)).toEqual([
      "RepairHeldBack",
      "RepairHeldBack",
      "RepairFencing",
    ]);
  });

  test("of mere progress is left out where only warnings are wanted", async () => {
    await using receiver = await startReceiver();
    await using rig = await webhookRig({ ...receiver, isWarningsOnly: true });
    rig.webhook.record(phaseNote());
    rig.webhook.record(holdNote);
    await rig.until("sent");
    expect(receiver.received.map(({ body }) => body.event)).toEqual(["RepairHeldBack"]);
  });
});

describe("what is not taken", () => {
  test.each([
    ["an answer that is lost", loseAnswer],
    ["a 500", answer(500)],
    ["a 503", answer(503)],
    ["a 429", answer(429)],
    ["silence", staySilent],
  ])("%s: it is sent again under the same id, until it is taken", async (_what, treatment) => {
    await using receiver = await startReceiver([treatment, treatment, take]);
    await using rig = await webhookRig({ ...receiver, timeoutMs: 200 });
    rig.webhook.record(phaseNote());
    await rig.until("sent");
    expect(receiver.received.map(({ headers }) => headers["webhook-id"])).toEqual(["id-1", "id-1", "id-1"]);
    expect(new Set(receiver.received.map(({ text }) => text)).size).toBe(1);
    expect(rig.clock.sleeps).toHaveLength(2);
    expect(rig.clock.sleeps[1]).toBeGreaterThan((rig.clock.sleeps[0] ?? 0) / 2);
  });

  test("Retry-After is waited for, five minutes at most", async () => {
    await using receiver = await startReceiver([
      answer(503, { "retry-after": "77" }),
      answer(503, { "retry-after": "9999" }),
      take,
    ]);
    await using rig = await webhookRig(receiver);
    rig.webhook.record(phaseNote());
    await rig.until("sent");
    expect(rig.clock.sleeps).toEqual([77_000, 300_000]);
  });

  test.each([
    ["a redirect, which is not followed", 307],
    ["a wrong request", 400],
    ["a missing right", 403],
    ["a page that is gone", 410],
  ])("%s is the receiver's last word: the next one is sent", async (_what, status) => {
    await using elsewhere = await startReceiver();
    await using receiver = await startReceiver([answer(status, { location: elsewhere.url }), take]);
    await using rig = await webhookRig(receiver);
    rig.webhook.record(phaseNote());
    rig.webhook.record(holdNote);
    await rig.until("sent");
    expect([rig.count("refused"), elsewhere.received.length]).toEqual([1, 0]);
    expect(receiver.received.map(({ headers }) => headers["webhook-id"])).toEqual(["id-1", "id-2"]);
  });

  test("where nobody listens it is given up after an hour of growing pauses", async () => {
    const gone = await startReceiver();
    await gone[Symbol.asyncDispose]();
    await using rig = await webhookRig(gone);
    rig.webhook.record(phaseNote());
    await rig.until("expired");
    const { sleeps } = rig.clock;
    expect(sleeps.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(3_600_000);
    expect(Math.max(...sleeps)).toBeLessThanOrEqual(60_000);
    expect(sleeps.length).toBeLessThan(140);
  });

  test("no more than 256 wait: the oldest of them are dropped, the newest sent in their order", async () => {
    await using receiver = await startReceiver([answer(500), take]);
    await using rig = await webhookRig(receiver);
    for (let number = 1; number <= 300; number += 1) rig.webhook.record(phaseNote(`n${number}`));
    await rig.until("sent", 256);
    expect(rig.count("dropped")).toBe(300 - 256);
    const nodes = receiver.received.slice(1).map(({ body }) => body.node);
    expect(nodes).toEqual(["n1", ...Array.from({ length: 255 }, (_, index) => `n${index + 46}`)]);
  });
});

describe("telling", () => {
  test("costs the teller nothing: a receiver that hangs and a missing secret do not throw and are not waited for", async () => {
    await using receiver = await startReceiver([staySilent]);
    await using rig = await webhookRig(receiver);
    expect(rig.webhook.record(phaseNote())).toBeUndefined();
    await using other = await webhookRig({ ...receiver, secretFile: "/nowhere/secret" });
    expect(other.webhook.record(phaseNote())).toBeUndefined();
  });

  test("ends when the replica stops, and says what was not sent", async () => {
    await using receiver = await startReceiver([staySilent]);
    await using rig = await webhookRig(receiver);
    rig.webhook.record(phaseNote());
    rig.webhook.record(holdNote);
    await rig.webhook.flush(AbortSignal.abort(new Error("stopping")));
    expect(rig.log.lines.map(({ message, fields }) => [message, fields])).toContainEqual([
      "notifications were not sent before the replica stopped",
      { waiting: 2 },
    ]);
  });

  test("begins with a secret that is mounted late", async () => {
    await using receiver = await startReceiver();
    await using rig = await webhookRig(receiver);
    await writeFile(rig.file("secret"), "");
    const goOn = rig.clock.holdSleeps();
    rig.webhook.record(phaseNote());
    const isTold = () => rig.log.lines.some(({ fields }) => JSON.stringify(fields).includes("is empty"));
    await expect.poll(isTold).toBe(true);
    expect(receiver.received).toEqual([]);
    await writeFile(rig.file("secret"), "a secret that came late");
    goOn();
    await rig.until("sent");
    expect(receiver.received).toHaveLength(1);
  });

  test("logs neither the secret nor the path of the address, which may be one", async () => {
    await using receiver = await startReceiver([answer(500), loseAnswer, answer(302), answer(404)]);
    await using rig = await webhookRig(receiver);
    rig.webhook.record(phaseNote());
    rig.webhook.record(holdNote);
    await rig.until("refused", 2);
    const said = JSON.stringify(rig.log.lines);
    expect(said).toContain(new URL(receiver.url).origin);
    expect(said).not.toContain("t0ken");
    expect(said).not.toContain(secret);
  });
});
