import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { credentialLogin } from "../../support/guide-config.ts";
import { begin, last } from "./begin.ts";

const minuteMs = 60_000;
const powerCycle = ["os-stop", "os-start"];

test("tokens that live for a minute are renewed in time, all through a repair", async () => {
  await using it = await begin({ cloud: { timings: { tokenLifetimeMs: minuteMs } } });
  const patient = last(it.workers);
  it.nodes.node(patient.name).machine.hang();
  await it.untilPhase(patient.name, /Healed|Held/);
  expect(it.accepted()).toEqual(powerCycle);
  expect(it.cloud.calls().filter(({ status }) => status === 401)).toEqual([]);
});

test("a wrong password stops the start, with Keystone's words", async () => {
  await expect(
    begin({ words: (_, { account }) => ({ login: `  user-id: ${account.userId}\n  password: wrong` }) }),
  ).rejects.toMatchObject({ remedy: "ask-operator", message: expect.stringMatching(/401|requires authentication/) });
});

test("a deleted application credential: nothing is done, the node's event names it", async () => {
  let id = "";
  await using it = await begin({
    async words(_, cloud) {
      const credential = await cloud.createApplicationCredential({ name: "healer" });
      ({ id } = credential);
      return {
        login: credentialLogin(credential),
      };
    },
  });
  const patient = last(it.workers);
  await it.cloud.deleteApplicationCredential(id);
  await it.cloud.revokeTokens();
  it.nodes.node(patient.name).machine.hang();
  await it.world.clock.advance(15 * minuteMs);
  expect(it.told(patient.name)).toContainEqual(expect.stringMatching(/Could not find Application Credential/));
  expect(it.asked()).toEqual([]);
  const logins = it.cloud.calls().filter(({ path, status }) => path.endsWith("/auth/tokens") && status === 404);
  expect(logins.length).toBeLessThan(20);
});

test("a password that goes bad holds, and a file with the right one heals without a restart", async () => {
  const folder = await mkdtemp(join(tmpdir(), "aceso-login-"));
  try {
    const file = join(folder, "password");
    await using it = await begin({
      async words(_, { account }) {
        await writeFile(file, account.password);
        return { login: `  user-id: ${account.userId}\n  password-file: ${file}` };
      },
    });
    const patient = last(it.workers);
    await writeFile(file, "not the password any more");
    await it.cloud.revokeTokens();
    it.nodes.node(patient.name).machine.hang();
    await it.world.clock.advance(10 * minuteMs);
    expect(it.asked()).toEqual([]);
    expect(it.told(patient.name)).toContainEqual(expect.stringMatching(/requires authentication/));
    await writeFile(file, it.cloud.account.password);
    await it.untilPhase(patient.name, /Healed/);
    expect(it.accepted()).toEqual(powerCycle);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
