import { describe, expect, test } from "vitest";
import { diagnose } from "../../../src/doctor/diagnose.ts";
import type { MachineAnswer, ProviderFacts } from "../../../src/doctor/facts.ts";
import { seen } from "../../../src/doctor/seen.ts";
import { beat, cluster, config, facts, machine, missing, troubles } from "./fixtures.ts";

const answer = (node: string, id: string | undefined, power: "on" | "off" = "on"): MachineAnswer => ({
  node,
  machine: { kind: "answered", value: id },
  power: { kind: "answered", value: { power, text: power } },
});
const asked = (...answers: readonly MachineAnswer[]): ProviderFacts => ({
  kind: "asked",
  id: "exec",
  answers,
  notAsked: 0,
});
const of = (provider: ProviderFacts, changes: Parameters<typeof facts>[0] = {}) =>
  troubles(diagnose(facts({ provider, ...changes })));

describe("machines", () => {
  test("nodes without one, and two nodes with one", () => {
    expect(of(asked(answer("w1", undefined), answer("w2", "b")))).toEqual([
      expect.stringMatching(/^error provider exec knows no machine for 1 node, .*: w1 → .*aceso\.dev\/machine=MACHINE/),
    ]);
    expect(of(asked(answer("w1", "b"), answer("w2", "b")))).toEqual([
      expect.stringMatching(/^error w1, w2 are one machine to provider exec \(b\)/),
    ]);
  });

  test("a provider that says off of a living node is called out, and believed of a silent one", () => {
    expect(of(asked(answer("w1", "a", "off")))).toEqual([
      expect.stringMatching(/^error provider exec says off of nodes whose kubelets live: w1 → .*aceso pause/),
    ]);
    const silent = cluster({ leases: seen([beat("w1", 90_000)]) });
    expect(of(asked(answer("w1", "a", "off")), { cluster: silent })).toEqual([]);
  });

  test("clones are seen without any question", () => {
    const nodes = seen([
      machine("w1"),
      machine("w2", { systemUUID: "UUID-w1" }),
      machine("w3", { systemUUID: "" }),
      machine("w4", { systemUUID: "" }),
    ]);
    const found = of({ kind: "not-asked" }, { cluster: cluster({ nodes }), config: config({ provider: undefined }) });
    expect(found).toContainEqual(expect.stringMatching(/^warning w1, w2 have one system UUID \(uuid-w1\)/));
    expect(found.filter((it) => it.includes("system UUID"))).toHaveLength(1);
  });

  test("that not all were asked about is said", () => {
    const provider = { kind: "asked", id: "exec", answers: [answer("w1", "a")], notAsked: 4_960 } as const;
    const line = diagnose(facts({ provider })).find((it) => it.topic === "machines");
    expect(line).toMatchObject({
      level: "ok",
      message: expect.stringContaining("4960 were not asked about (--all-machines does)"),
    });
  });
});

describe("the provider", () => {
  const failed = { node: "w1", machine: { kind: "failed", problem: "401 from Keystone" }, power: undefined } as const;

  test("does not answer: from a person's machine the pod is named as the place to ask", () => {
    expect(of(asked(failed))).toEqual([
      expect.stringMatching(
        /^error from this machine: provider exec did not answer 1 of 1 question: 401 from Keystone.*kubectl -n aceso exec daemonset\/aceso/,
      ),
    ]);
    const named = { ...config(), isFile: true };
    expect(of(asked(failed), { config: named })).toEqual([
      expect.stringMatching(/^error provider exec did not answer/),
    ]);
  });

  test("cannot be made", () => {
    expect(of({ kind: "broken", problem: 'cloud "k8s" is not in clouds.yaml' })).toEqual([
      expect.stringMatching(/^error .*provider exec cannot be made: cloud "k8s" is not in clouds\.yaml/),
    ]);
  });

  test("was not asked because no node could be read", () => {
    const found = of({ kind: "not-asked" }, { cluster: cluster({ nodes: missing }) });
    expect(found).toContainEqual(expect.stringMatching(/^warning provider exec was made and not asked/));
  });
});
