import fc from "fast-check";
import { expect, test } from "vitest";
import nodeCondition from "../../../plugins/checks/node-condition/index.ts";
import nodeLease from "../../../plugins/checks/node-lease/index.ts";
import providerState from "../../../plugins/checks/provider-state/index.ts";
import { validateParams } from "../../../src/config/params.ts";
import type { NodeCondition, NodeFacts, PowerReading } from "../../../src/core/model.ts";
import type { HealthCheckPlugin, PassiveCheck } from "../../../src/plugin-api/index.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

function make(plugin: HealthCheckPlugin, raw: object = {}): PassiveCheck {
  const { values, problems } = validateParams(plugin.params, raw);
  expect(problems).toEqual([]);
  const check = plugin.create(values, { clock: new VirtualClock(), log: recordingLog(), silenceMs: 25_000 });
  if (!("evaluate" in check)) throw new Error("not a passive check");
  return check;
}

function condition(type: string, status: string, changedAtMonoMs = 0): NodeCondition {
  return { type, status, reason: "", changedAtMonoMs };
}

function node(...conditions: NodeCondition[]): NodeFacts {
  return {
    name: "n",
    uid: "u",
    resourceVersion: "1",
    role: "worker",
    labels: {},
    annotations: {},
    createdAtWallMs: 0,
    isDeleting: false,
    isUnschedulable: false,
    unschedulableSinceMonoMs: undefined,
    taints: [],
    conditions,
    bootID: "b",
    systemUUID: "s",
    providerID: "p",
    internalIP: undefined,
    kubeletPort: 10250,
  };
}

const now = { monoMs: 100_000, wallMs: 0 };

test("NodeCondition: Ready must be True, and it fails since its status changed", () => {
  const check = make(nodeCondition);
  expect(check.evaluate(node(condition("Ready", "True")), undefined, now).verdict).toBe("pass");
  expect(check.evaluate(node(condition("Ready", "Unknown", 40_000)), undefined, now)).toMatchObject({
    verdict: "fail",
    sinceMonoMs: 40_000,
  });
  expect(check.evaluate(node(condition("Ready", "False")), undefined, now).verdict).toBe("fail");
});

test("NodeCondition: a condition that the Node does not have is healthy", () => {
  expect(make(nodeCondition, { types: ["GpuHealthy"] }).evaluate(node(), undefined, now).verdict).toBe("pass");
});

test("NodeCondition: with error-values, ok-values are not looked at", () => {
  const check = make(nodeCondition, { types: ["KernelDeadlock", "DiskPressure"], "error-values": ["True"] });
  expect(check.evaluate(node(condition("KernelDeadlock", "False")), undefined, now).verdict).toBe("pass");
  const both = node(condition("KernelDeadlock", "True", 9), condition("DiskPressure", "True", 5));
  expect(check.evaluate(both, undefined, now)).toMatchObject({ verdict: "fail", sinceMonoMs: 5 });
});

test("NodeCondition: the node fails exactly when one watched condition has a value that is not ok", () => {
  const status = fc.constantFrom("True", "False", "Unknown");
  const type = fc.constantFrom("Ready", "DiskPressure", "MemoryPressure");
  const conditions = fc.uniqueArray(fc.tuple(type, status), { selector: ([name]) => name });
  fc.assert(
    fc.property(
      conditions,
      fc.subarray(["Ready", "DiskPressure"]),
      fc.subarray(["True", "False"]),
      (list, types, ok) => {
        const check = make(nodeCondition, { types, "ok-values": ok });
        const isBad = list.some(([name, value]) => types.includes(name) && !ok.includes(value));
        const facts = node(...list.map(([name, value]) => condition(name, value)));
        expect(check.evaluate(facts, undefined, now).verdict).toBe(isBad ? "fail" : "pass");
      },
    ),
    { numRuns: 300 },
  );
});

test("NodeLease: fails from `silence` on, since the Lease changed; without a Lease it is unknown", () => {
  const check = make(nodeLease);
  const at = (ageMs: number) =>
    check.evaluate(
      node(),
      { version: "1", changedAtMonoMs: 50_000, readAtMonoMs: 50_000 + ageMs, hasMoved: true },
      now,
    );
  expect(at(24_999).verdict).toBe("pass");
  expect(at(25_000)).toMatchObject({ verdict: "fail", sinceMonoMs: 50_000 });
  expect(check.evaluate(node(), undefined, now).verdict).toBe("unknown");
});

test("NodeLease: time without a read of the API server makes nobody silent", () => {
  const lease = { version: "1", changedAtMonoMs: 50_000, readAtMonoMs: 60_000, hasMoved: true };
  expect(make(nodeLease).evaluate(node(), lease, { monoMs: 600_000, wallMs: 0 }).verdict).toBe("pass");
});

const power = (changes: Partial<PowerReading>): PowerReading => ({
  source: "cloud",
  machine: "m",
  power: "on",
  text: "ACTIVE",
  askedAtMonoMs: 0,
  readAtMonoMs: 0,
  readAtWallMs: 0,
  ...changes,
});

test.each([
  ["a machine that runs", power({}), "pass"],
  ["one that is off", power({ power: "off", text: "SHUTOFF" }), "fail"],
  ["one that its owner calls broken, whatever its power", power({ fault: "status ERROR: no disk" }), "fail"],
  ["one in the middle of a change", power({ power: "changing" }), "unknown"],
  ["one of which its owner cannot say", power({ power: "unknown" }), "unknown"],
  ["one that was not read", undefined, "unknown"],
])("ProviderState says of %s: %s", (_what, reading, verdict) => {
  const result = make(providerState).evaluate(node(), undefined, now, reading);
  expect(result.verdict).toBe(verdict);
  if (reading?.fault !== undefined) expect(result.message).toBe("machine m: status ERROR: no disk");
});

test("ProviderState looks only at the states that it is told to", () => {
  const check = make(providerState, { states: ["fault"] });
  expect(check.evaluate(node(), undefined, now, power({ power: "off" })).verdict).toBe("pass");
  expect(providerState.mistakes?.({ states: ["Off"] })).toEqual([
    { key: "states", message: "expected a list of off, fault" },
  ]);
});
