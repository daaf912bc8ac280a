import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/app/clock.ts";
import { capabilities as allCapabilities, type Capability } from "../../src/core/policy.ts";
import { type Act, type PowerState, type Provider, ProviderError } from "../../src/plugin-api/index.ts";
import { eventually } from "./eventually.ts";
import { act, identified, never, type ProviderRig, patience, plainAct, readsAs } from "./provider-rig.ts";

export type { ProviderRig } from "./provider-rig.ts";

/** How soon after an abort a method must have ended. */
const soonMs = 3_000;

const methods: Readonly<Record<Exclude<Capability, "observe">, keyof Provider>> = {
  "power-off": "powerOff",
  "power-on": "powerOn",
  "soft-reboot": "reboot",
  "hard-reboot": "reboot",
  rebuild: "rebuild",
  replace: "replace",
};

/** What the engine relies on in every provider. Call it at the top level of a test file; `setUp` makes a rig per test. */
export function providerContract(name: string, setUp: () => Promise<ProviderRig>): void {
  describe(`${name} keeps the provider contract`, () => {
    const rigs: ProviderRig[] = [];
    const rig = async (): Promise<ProviderRig> => {
      const made = await setUp();
      rigs.push(made);
      return made;
    };
    afterEach(async () => {
      for (const made of rigs.splice(0)) {
        await made.provider.close?.();
        await made[Symbol.asyncDispose]();
      }
    });
    describeCapabilities(rig);
    describeReading(rig);
    describeOwner(rig);
    describeTelling(rig);
    describeActing(rig);
    describeTrouble(rig);
  });
}

type MakeRig = () => Promise<ProviderRig>;

function describeCapabilities(rig: MakeRig): void {
  test("it has a method for each capability and for nothing else, and can always observe", async () => {
    const { provider } = await rig();
    expect(allCapabilities).toEqual(expect.arrayContaining([...provider.capabilities]));
    expect(provider.capabilities).toContain("observe");
    const wanted = new Set(
      Object.entries(methods)
        .filter(([can]) => provider.capabilities.includes(can as Capability))
        .map(([, method]) => method),
    );
    for (const method of new Set(Object.values(methods)))
      expect(typeof provider[method] === "function").toBe(wanted.has(method));
  });

  test("its own ladder needs no capability that it lacks", async () => {
    const { provider } = await rig();
    for (const role of ["master", "worker"] as const) {
      for (const rung of provider.defaultLadder(role)) {
        const needs: readonly Capability[] = rung === "power-cycle" ? ["power-off", "power-on"] : [rung];
        expect(provider.capabilities).toEqual(expect.arrayContaining([...needs]));
      }
    }
  });
}

function describeReading(rig: MakeRig): void {
  test("the same node is always the same machine, and a node that has none is told so", async () => {
    const { provider, node, stranger } = await rig();
    const machine = await identified(provider, node);
    expect(await provider.identify(node, never)).toBe(machine);
    if (stranger !== undefined) expect(await provider.identify(stranger, never)).toBeUndefined();
  });

  test("a running machine reads on, with words of its owner as evidence; reading changes nothing", async () => {
    const made = await rig();
    const machine = await identified(made.provider, made.node);
    const answer = await made.provider.observe(machine, made.node, never);
    expect(answer.power).toBe("on");
    expect(answer.text).not.toBe("");
    expect([await made.power(), await made.acts()]).toEqual(["on", 0]);
  });
}

function describeOwner(rig: MakeRig): void {
  test("a survey of all machines says of this one what observing says", async () => {
    const { provider, node } = await rig();
    if (provider.survey === undefined) return;
    const machine = await identified(provider, node);
    const { power } = await provider.observe(machine, node, never);
    expect((await provider.survey(never)).get(machine)?.power).toBe(power);
  });

  test("its owner has nothing against a machine that is well", async () => {
    const { provider, node } = await rig();
    if (provider.interlock === undefined) return;
    expect(await provider.interlock(await identified(provider, node), node, never)).toBeUndefined();
  });

  test("a replacement that was planned and never asked for is not begun, whoever looks", async () => {
    const made = await rig();
    const { provider, node } = made;
    if (provider.replacement === undefined) return;
    const machine = await identified(provider, node);
    const plan = await provider.replacement.plan(machine, node, never);
    expect(plan.length).toBeLessThanOrEqual(1_024);
    const progress = await provider.replacement.follow(machine, plan, never);
    expect(progress).toMatchObject({ state: "not-begun", isOldGone: false });
    expect(progress.text).not.toBe("");
    expect(await made.acts()).toBe(0);
  });
}

function describeTelling(rig: MakeRig): void {
  test("one term after the other it tells of a machine that goes off, once asked to, and is silent after its signal", async () => {
    const made = await rig();
    const { provider, node, clock } = made;
    if (provider.watch === undefined || provider.powerOff === undefined || provider.powerOn === undefined) return;
    const machine = await identified(provider, node);
    for (const term of ["first", "second", "third"]) {
      const told: string[] = [];
      const end = new AbortController();
      const over = provider.watch((it) => void told.push(it), end.signal);
      // What happens before it listens is not told: the machine is switched until it does.
      const tells = async () => {
        await provider.powerOff?.(await act(made, { id: `${term}-off-${told.length}` }));
        await provider.powerOn?.(await act(made, { id: `${term}-on-${told.length}` }));
        return told.includes(machine);
      };
      await eventually(`it tells in the ${term} term`, tells, { ...patience, clock });
      end.abort();
      await over;
      const before = told.length;
      await provider.powerOff(await act(made, { id: `${term}-late` }));
      await readsAs(made, "off");
      expect(told.length).toBe(before);
      await provider.powerOn(await act(made, { id: `${term}-again` }));
      await readsAs(made, "on");
    }
  });
}

function describeActing(rig: MakeRig): void {
  test("power-off makes the machine off, for itself and for whoever reads; power-on brings it back", async () => {
    const made = await rig();
    if (made.provider.powerOff === undefined || made.provider.powerOn === undefined) return;
    await made.provider.powerOff(await act(made));
    await readsAs(made, "off");
    expect(await made.power()).toBe("off");
    await made.provider.powerOn(await act(made));
    await readsAs(made, "on");
    expect(await made.power()).toBe("on");
  });

  test("power-off of a machine that is off, and power-on of one that is on, do no harm", async () => {
    const made = await rig();
    if (made.provider.powerOff === undefined || made.provider.powerOn === undefined) return;
    await made.provider.powerOn(await act(made));
    await readsAs(made, "on");
    await made.provider.powerOff(await act(made));
    await readsAs(made, "off");
    await made.provider.powerOff(await act(made, { id: "another" }));
    await readsAs(made, "off");
  });

  test("it asks before the destructive step: when the answer is no, nothing reaches the owner and the no comes back", async () => {
    const made = await rig();
    const no = new Error("leadership is over");
    const refused = await act(made, { mayAct: () => Promise.reject(no) });
    for (const run of await actsOf(made)) await expect(run(refused)).rejects.toBe(no);
    expect([await made.acts(), await made.power()]).toEqual([0, "on"]);
  });

  test("it does nothing once the signal has aborted", async () => {
    const made = await rig();
    const late = await act(made, { signal: AbortSignal.abort(new Error("deadline")) });
    for (const run of await actsOf(made)) await expect(run(late)).rejects.toThrow();
    expect([await made.acts(), await made.power()]).toEqual([0, "on"]);
  });
}

function describeTrouble(rig: MakeRig): void {
  test("an owner that does not answer never makes a machine off: unknown, or a ProviderError, soon after the signal", async () => {
    const made = await rig();
    const machine = await identified(made.provider, made.node);
    await made.makeOwnerSilent();
    await endsSoon(made, async (signal) => {
      expect(await powerOrError(() => made.provider.observe(machine, made.node, signal))).toMatch(
        /^(unknown|ProviderError)$/,
      );
    });
  });

  test("an act whose answer never comes ends soon after the signal as: outcome unknown, observe", async () => {
    const made = await rig();
    const machine = await identified(made.provider, made.node);
    const [run] = await actsOf(made);
    await made.makeOwnerSilent();
    if (run !== undefined) {
      await endsSoon(made, async (signal) => {
        const error = await errorOf(() => run({ ...plainAct(made, machine), signal }));
        expect(error).toBeInstanceOf(ProviderError);
        expect((error as ProviderError).remedy).toMatch(/^(re-read|retry)$/);
      });
    }
  });

  test("an owner that talks nonsense is never believed", async () => {
    const made = await rig();
    const machine = await identified(made.provider, made.node);
    const acts = await actsOf(made);
    await made.makeOwnerTalkNonsense();
    expect(await powerOrError(() => made.provider.observe(machine, made.node, never))).toMatch(
      /^(unknown|ProviderError)$/,
    );
    for (const run of acts) {
      expect(await errorOf(() => run(plainAct(made, machine)))).toBeInstanceOf(ProviderError);
    }
  });
}

/** Made while the owner still answers: a replacement is planned before it is asked for. */
async function actsOf({ provider, node }: ProviderRig): Promise<((act: Act) => Promise<void>)[]> {
  const { powerOff, powerOn, reboot, rebuild, replace, replacement } = provider;
  const plan = await replacement?.plan(await identified(provider, node), node, never);
  const isSoft = provider.capabilities.includes("soft-reboot");
  return [
    ...(powerOff ? [(act: Act) => powerOff.call(provider, act)] : []),
    ...(powerOn ? [(act: Act) => powerOn.call(provider, act)] : []),
    ...(reboot ? [(act: Act) => reboot.call(provider, act, isSoft ? "soft" : "hard")] : []),
    ...(rebuild ? [(act: Act) => rebuild.call(provider, act)] : []),
    ...(replace ? [(act: Act) => replace.call(provider, act, plan)] : []),
  ];
}

async function powerOrError(read: () => Promise<{ power: PowerState }>): Promise<string> {
  try {
    return (await read()).power;
  } catch (error) {
    return error instanceof ProviderError ? "ProviderError" : String(error);
  }
}

async function errorOf(run: () => Promise<unknown>): Promise<unknown> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Real time: what is measured is the provider's own readiness to stop. */
async function endsSoon(_rig: ProviderRig, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  using deadline = systemClock.deadline(300);
  const startedMs = systemClock.now().monoMs;
  await work(deadline.signal);
  expect(systemClock.now().monoMs - startedMs).toBeLessThan(300 + soonMs);
}
