import { expect, test } from "vitest";
import type { Policy } from "../../../src/core/policy.ts";
import { diagnoseConfiguration } from "../../../src/doctor/configuration.ts";
import { diagnoseGuards } from "../../../src/doctor/guards.ts";
import { loadText } from "../../support/config-loading.ts";
import { localPolicy, policy } from "../../support/core-builders.ts";
import { config, machine, masters, troubles } from "./fixtures.ts";

const nodes = [...masters, machine("w1"), machine("w2")];
const of = (rules: Partial<Policy>, seen = nodes) => troubles(diagnoseGuards(policy(rules), seen));
const provider = { id: "exec", capabilities: ["observe", "soft-reboot"] as const };

test("the usual rules let something through and stop something", () => {
  expect(of({})).toEqual([]);
  expect(troubles(diagnoseGuards(localPolicy(), nodes))).toEqual([]);
});

test.each<[string, Partial<Policy>, RegExp]>([
  ["dry-run", { isDryRun: true }, /^warning dry-run.*rollout restart/],
  [
    "neither provider nor leave to do without proof",
    { provider: undefined },
    /^warning there is no provider.*confirm-off/,
  ],
  [
    "an empty ladder",
    { ladder: { master: [], worker: ["power-cycle"] } },
    /^error the ladder of control-plane nodes is empty/,
  ],
  [
    "a ladder without attempts",
    { attempts: { ...policy().attempts, "power-cycle": 0 }, ladder: { master: ["power-cycle"], worker: ["rebuild"] } },
    /^error the ladder of control-plane nodes is empty/,
  ],
  [
    "a ladder that never switches off",
    { provider, ladder: { master: ["power-cycle"], worker: ["soft-reboot"] } },
    /^warning the ladder of worker nodes \(soft-reboot\) has no rung that switches off.*it can observe, soft-reboot/,
  ],
  [
    "a selector that selects nothing",
    { nodeSelector: { pool: "x" } },
    /^error node-selector pool=x selects none of 5 nodes/,
  ],
  [
    "roles that are not monitored",
    { monitored: { master: false, worker: false } },
    /^error no selected node has a role/,
  ],
  ["a brake that never brakes", { maxUnhealthy: { ratio: 1 } }, /^warning max-unhealthy allows all 5 nodes/],
  [
    "a share below one node",
    { maxUnhealthy: { ratio: 0.1 } },
    /^warning max-unhealthy is less than one of 5 nodes; it is taken as one/,
  ],
])("%s", (_, rules, said) => {
  expect(of(rules)).toEqual([expect.stringMatching(said)]);
});

test.each([1, 2])(
  "a control plane of %i is never fenced, unless etcd is elsewhere or nobody looks after it",
  (count) => {
    const few = [...masters.slice(0, count), machine("w1"), machine("w2"), machine("w3")];
    expect(of({}, few)).toEqual([
      expect.stringMatching(/^warning with \d control-plane nodes? none is ever switched off.*etcd: external/),
    ]);
    expect(of({ etcd: "external" }, few)).toEqual([]);
    expect(of({ monitored: { master: false, worker: true } }, few)).toEqual([]);
  },
);

test("without nodes only the settings are judged", () => {
  expect(troubles(diagnoseGuards(policy({ nodeSelector: { pool: "x" } }), undefined))).toEqual([]);
  expect(troubles(diagnoseGuards(policy({ nodeSelector: { pool: "x" } }), []))).toEqual([]);
});

test("what the guards say with its remedy is not said by the configuration once more", () => {
  const { warnings } = loadText("cloud-provider: none\n");
  expect(warnings).toHaveLength(1);
  expect(troubles(diagnoseConfiguration(config({ warnings }), true))).toEqual([]);
});
