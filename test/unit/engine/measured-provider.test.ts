import { describe, expect, test } from "vitest";
import type { Capability } from "../../../src/core/policy.ts";
import { measured } from "../../../src/engine/measured-provider.ts";
import { ProviderError } from "../../../src/plugin-api/errors.ts";
import type { NodeIdentity, Provider } from "../../../src/plugin-api/provider.ts";
import { stillClock } from "../../support/busy-meter.ts";
import { recordingMeter } from "../../support/recording-log.ts";

/** With a private field, as plugins may have one. */
class Owner implements Provider {
  readonly id = "owner";
  readonly capabilities: readonly Capability[] = ["observe"];
  readonly rejoinsEtcd = true;
  readonly #power = "off";
  defaultLadder = () => ["power-cycle" as const];
  async identify({ name }: NodeIdentity): Promise<string> {
    return `m-${name}`;
  }
  async observe() {
    return { power: this.#power, text: "power off" } as const;
  }
  powerOff(): Promise<void> {
    throw new ProviderError("switching off m: refused", "give-up");
  }
  async survey(): Promise<never> {
    throw new TypeError("a bug");
  }
}

const { signal } = new AbortController();
// as: the calls below read nothing else of it
const node = { name: "n1" } as NodeIdentity;

function wrapped(provider: Provider) {
  const meter = recordingMeter();
  return { meter, its: measured(provider, stillClock as Parameters<typeof measured>[1], meter) };
}

describe("a provider whose calls are counted", () => {
  test("answers as it did, whatever it is made of", async () => {
    const { its } = wrapped(Object.freeze(new Owner()));
    expect(await its.identify(node, signal)).toBe("m-n1");
    expect(await its.observe("m-n1", node, signal)).toEqual({ power: "off", text: "power off" });
    expect([its.id, its.capabilities, its.rejoinsEtcd, its.defaultLadder("worker")]).toEqual([
      "owner",
      ["observe"],
      true,
      ["power-cycle"],
    ]);
  });

  test("has no method that it did not have", () => {
    const { its } = wrapped(new Owner());
    expect([its.powerOn, its.replacement, its.watch, its.interlock, its.reportHealth]).toEqual(
      Array(5).fill(undefined),
    );
    expect(["powerOn" in its, "observe" in its]).toEqual([false, true]);
  });

  test("is counted by operation, and by what it threw", async () => {
    const { its, meter } = wrapped(new Owner());
    await its.observe("m", node, signal);
    await expect(its.powerOff?.(undefined as never)).rejects.toThrow("refused");
    await expect(its.survey?.(signal)).rejects.toThrow("a bug");
    expect(Object.fromEntries(meter.counts)).toEqual({
      "aceso_provider_calls_total{code=ok,operation=observe}": 1,
      "aceso_provider_calls_total{code=ACESO_PROVIDER/give-up,operation=power-off}": 1,
      "aceso_provider_calls_total{code=bug,operation=survey}": 1,
    });
  });

  test("is counted in its replacements, too", async () => {
    const follow = async () => ({ state: "done", isOldGone: true, text: "" }) as const;
    const { its, meter } = wrapped(Object.assign(new Owner(), { replacement: { plan: async () => "p", follow } }));
    expect(await its.replacement?.plan("m", node, signal)).toBe("p");
    expect(await its.replacement?.follow("m", "p", signal)).toMatchObject({ state: "done" });
    expect([...meter.counts.keys()]).toEqual([
      "aceso_provider_calls_total{code=ok,operation=plan-replacement}",
      "aceso_provider_calls_total{code=ok,operation=follow-replacement}",
    ]);
  });
});
