import { describe, expect, test } from "vitest";
import type { CloudAccess } from "../../../../plugins/shared/openstack/cloud-access.ts";
import { OpenStackAuthError } from "../../../../plugins/shared/openstack/errors.ts";
import type { Token } from "../../../../plugins/shared/openstack/keystone.ts";
import { TokenKeeper } from "../../../../plugins/shared/openstack/token-keeper.ts";
import { recordingLog } from "../../../support/recording-log.ts";
import { VirtualClock } from "../../../support/virtual-clock.ts";

const hourMs = 3_600_000;
const never = new AbortController().signal;

/** Only told apart by identity here. */
const accessNamed = (name: string) => ({ name }) as unknown as CloudAccess;

class Rig {
  readonly clock = new VirtualClock();
  /** When each login began, in ms since the start. */
  readonly logins: number[] = [];
  access = accessNamed("first");
  accessProblem: Error | undefined;
  lifetimeMs = hourMs;
  answer: "token" | "refuses" | "unreachable" | "silent" = "token";
  readonly log = recordingLog();
  readonly keeper: TokenKeeper;
  readonly #startMs = this.clock.now().monoMs;

  constructor() {
    this.keeper = new TokenKeeper({
      clock: this.clock,
      log: this.log,
      readAccess: async () => {
        if (this.accessProblem !== undefined) throw this.accessProblem;
        return this.access;
      },
      logIn: (access, signal) => this.#logIn(access, signal),
    });
  }

  async #logIn(access: CloudAccess, signal: AbortSignal): Promise<Token> {
    this.logins.push(this.clock.now().monoMs - this.#startMs);
    const { answer, lifetimeMs } = this;
    const id = `token-${this.logins.length}`;
    if (answer === "silent") {
      await this.clock.sleep(hourMs, signal).catch(() => {});
      throw new OpenStackAuthError("no answer", "retry");
    }
    await this.clock.sleep(50, signal);
    if (answer === "refuses") throw new OpenStackAuthError("status 401", "ask-operator");
    if (answer === "unreachable") throw new OpenStackAuthError("refused", "retry");
    return { id, lifetimeMs, projectId: "P", catalog: [], access };
  }

  /** Asks for a token while time moves; the error's text when there is none. */
  async ask(signal: AbortSignal = never): Promise<string> {
    let said: string | undefined;
    const asked = this.keeper.token(signal).then(
      ({ id }) => (said = id),
      (error: Error) => (said = error.message),
    );
    await this.clock.runUntil(() => said !== undefined, 60_000);
    return await asked;
  }

  async token(): Promise<Token> {
    let token: Token | undefined;
    const asked = this.keeper.token(never).then((got) => (token = got));
    await this.clock.runUntil(() => token !== undefined, 60_000);
    return await asked;
  }
}

describe("one login", () => {
  test("serves all who ask while it is under way, and all after it", async () => {
    const rig = new Rig();
    const asked = Promise.all(Array.from({ length: 50 }, () => rig.keeper.token(never)));
    await rig.clock.advance(100);
    expect(new Set((await asked).map(({ id }) => id))).toEqual(new Set(["token-1"]));
    expect(await rig.ask()).toBe("token-1");
    expect(rig.logins).toEqual([0]);
  });

  test("goes on for the others when one caller gives up", async () => {
    const rig = new Rig();
    const impatient = new AbortController();
    const one = rig.keeper.token(impatient.signal);
    const other = rig.keeper.token(never);
    await rig.clock.advance(10);
    impatient.abort(new Error("enough"));
    await expect(one).rejects.toThrow("enough");
    await rig.clock.advance(100);
    expect((await other).id).toBe("token-1");
    expect(rig.logins).toHaveLength(1);
  });

  test("that gets no answer ends after 30 s", async () => {
    const rig = new Rig();
    rig.answer = "silent";
    expect(await rig.ask()).toBe("no answer");
    expect(rig.clock.now().monoMs).toBe(1_030_000);
  });

  test("is ended by closing", async () => {
    const rig = new Rig();
    rig.answer = "silent";
    const asked = rig.keeper.token(never);
    const ended = expect(asked).rejects.toThrow("no answer");
    await rig.clock.settle();
    await rig.keeper.close();
    await ended;
    expect(rig.clock.now().monoMs).toBe(1_000_000);
  });
});

describe("a token", () => {
  test("is renewed beside the calls five minutes before its end, and nobody waits", async () => {
    const rig = new Rig();
    await rig.ask();
    await rig.clock.advance(hourMs - 300_000 - 1_000);
    expect(await rig.ask()).toBe("token-1");
    await rig.clock.advance(2_000);
    expect(await rig.ask()).toBe("token-1");
    await rig.clock.advance(1_000);
    expect(await rig.ask()).toBe("token-2");
    expect(rig.logins).toHaveLength(2);
  });

  test("that nobody needed until after its end is got anew when somebody asks", async () => {
    const rig = new Rig();
    await rig.ask();
    await rig.clock.advance(10 * hourMs);
    expect(rig.logins).toHaveLength(1);
    expect(await rig.ask()).toBe("token-2");
  });

  test("is used until its end while Keystone is away", async () => {
    const rig = new Rig();
    await rig.ask();
    rig.answer = "unreachable";
    await rig.clock.advance(hourMs - 60_000);
    expect(await rig.ask()).toBe("token-1");
    await rig.clock.advance(30_000);
    expect(rig.log.lines).toContainEqual({
      level: "warn",
      fields: { problem: "refused" },
      message: "the token was not renewed; calls fail when it ends",
    });
    await rig.clock.advance(30_000);
    expect(await rig.ask()).toContain("refused");
  });

  test("does not depend on the wall clock", async () => {
    const rig = new Rig();
    await rig.ask();
    rig.clock.jumpWall(10 * hourMs);
    expect(await rig.ask()).toBe("token-1");
    rig.clock.jumpWall(-20 * hourMs);
    expect(await rig.ask()).toBe("token-1");
    expect(rig.logins).toHaveLength(1);
  });

  test.each([0, 1_000, 30_000])("that lives %i ms makes at most one login in five seconds", async (lifetimeMs) => {
    const rig = new Rig();
    rig.lifetimeMs = lifetimeMs;
    for (let asked = 0; asked < 60; asked += 1) {
      await rig.ask();
      await rig.clock.advance(1_000);
    }
    expect(rig.logins.length).toBeLessThanOrEqual(13);
    expect(rig.logins.length).toBeGreaterThanOrEqual(2);
  });

  test("survives credentials that cannot be read for a while", async () => {
    const rig = new Rig();
    await rig.ask();
    rig.accessProblem = new OpenStackAuthError("ENOENT", "ask-operator");
    expect(await rig.ask()).toBe("token-1");
    await rig.clock.advance(hourMs);
    expect(await rig.ask()).toBe("ENOENT");
    rig.accessProblem = undefined;
    expect(await rig.ask()).toBe("token-2");
  });
});

describe("a token that a service refuses", () => {
  test("is got anew once for all callers that held it", async () => {
    const rig = new Rig();
    const token = await rig.token();
    expect([rig.keeper.drop(token), rig.keeper.drop(token), rig.keeper.drop(token)]).toEqual([true, true, true]);
    expect([await rig.ask(), await rig.ask()]).toEqual(["token-2", "token-2"]);
  });

  test("so soon after another is not: that would be a storm of logins", async () => {
    const rig = new Rig();
    rig.keeper.drop(await rig.token());
    expect(rig.keeper.drop(await rig.token())).toBe(false);
    await rig.clock.advance(5_000);
    expect(rig.keeper.drop(await rig.token())).toBe(true);
    expect(rig.logins).toHaveLength(2);
  });

  test("by a service that takes none at all makes ever fewer logins", async () => {
    const rig = new Rig();
    let drops = 0;
    for (let second = 0; second < 3_600; second += 1) {
      if (rig.keeper.drop(await rig.token())) drops += 1;
      await rig.clock.advance(1_000);
    }
    expect(drops).toBeLessThanOrEqual(18);
    await rig.clock.advance(4 * 300_000);
    expect(rig.keeper.drop(await rig.token())).toBe(true);
    await rig.clock.advance(5_000);
    expect(rig.keeper.drop(await rig.token())).toBe(true);
  });
});

describe("a refused login", () => {
  test("is remembered for 30 s, doubling to five minutes; everybody hears of it at once", async () => {
    const rig = new Rig();
    rig.answer = "refuses";
    expect(await rig.ask()).toBe("status 401");
    expect(await rig.ask()).toBe("status 401; asked again in 30 s");
    for (let second = 0; second < 3_600; second += 10) {
      await rig.ask();
      await rig.clock.advance(10_000);
    }
    const gaps = rig.logins.slice(1).map((at, index) => Math.round((at - rig.logins[index]!) / 1_000));
    expect(gaps.slice(0, 5)).toEqual([30, 60, 120, 240, 300]);
    expect(rig.logins.length).toBeLessThanOrEqual(15);
  });

  test("is tried again at once with other credentials, and its pauses begin anew", async () => {
    const rig = new Rig();
    rig.answer = "refuses";
    await rig.ask();
    await rig.clock.advance(30_000);
    await rig.ask();
    rig.access = accessNamed("second");
    expect(await rig.ask()).toBe("status 401");
    expect(await rig.ask()).toBe("status 401; asked again in 30 s");
    rig.answer = "token";
    rig.access = accessNamed("third");
    expect(await rig.ask()).toBe("token-4");
  });

  test("keeps its remedy while it is remembered", async () => {
    const rig = new Rig();
    rig.answer = "refuses";
    await rig.ask();
    await expect(rig.keeper.token(never)).rejects.toMatchObject({ remedy: "ask-operator" });
  });
});

test("a Keystone that is away is asked again after 1 s, and every 10 s in the end", async () => {
  const rig = new Rig();
  rig.answer = "unreachable";
  for (let second = 0; second < 120; second += 1) {
    await rig.ask();
    await rig.clock.advance(1_000);
  }
  expect(rig.logins.length).toBeGreaterThanOrEqual(10);
  expect(rig.logins.length).toBeLessThanOrEqual(17);
  rig.answer = "token";
  await rig.clock.advance(10_000);
  expect(await rig.ask()).toMatch(/^token/);
});

test("other credentials end the token of the old ones, and their login waits for the one under way", async () => {
  const rig = new Rig();
  const first = rig.keeper.token(never);
  await rig.clock.settle();
  rig.access = accessNamed("second");
  const second = rig.keeper.token(never);
  await rig.clock.advance(200);
  expect([(await first).id, (await second).id]).toEqual(["token-1", "token-2"]);
  expect(rig.logins).toEqual([0, 50]);
});
