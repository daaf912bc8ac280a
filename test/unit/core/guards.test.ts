import { describe, expect, test } from "vitest";
import type { Candidate } from "../../../src/core/candidate.ts";
import { holdForEffect, holdForStart, limitOf } from "../../../src/core/guards.ts";
import { holdWithoutNode } from "../../../src/core/guards-nodeless.ts";
import { hold } from "../../../src/core/hold.ts";
import type { NodeFacts } from "../../../src/core/model.ts";
import { pauseText } from "../../../src/core/pause.ts";
import type { Policy } from "../../../src/core/policy.ts";
import { minuteMs } from "../../../src/core/time.ts";
import * as make from "../../support/core-builders.ts";

const { now } = make;
type Case = {
  readonly node?: Partial<NodeFacts>;
  readonly policy?: Partial<Policy>;
  readonly view?: make.ViewParts;
  readonly candidate?: Partial<Candidate>;
};

function candidateOf(it: Case): Candidate {
  const nodes = [make.node("n1", it.node), ...(it.view?.nodes ?? make.crowd)];
  return make.candidate(make.view({ policy: make.policy(it.policy), ...it.view, nodes }), "n1", it.candidate);
}
const startReason = (it: Case) => holdForStart(candidateOf(it), now)?.reason;
const silentAll = (nodes: readonly NodeFacts[], ms = minuteMs) => new Map(nodes.map((it) => [it.name, make.still(ms)]));
const working = (name: string, ageMs = minuteMs) =>
  make.record({ node: name, phase: "Fencing", startedAtWallMs: now.wallMs - ageMs });

test("nothing holds a sick node of a quiet cluster", () => {
  expect(startReason({})).toBeUndefined();
});

test.each<[string, string, Case]>([
  ["the API server was not read for 15 s", "api-unreadable", { view: { lastReadAtMonoMs: make.ago(15_001) } }],
  ["the API server was never read", "api-unreadable", { view: { lastReadAtMonoMs: undefined } }],
  ["the node lacks a selected label", "not-selected", { policy: { nodeSelector: { pool: "a" } } }],
  ["its role is not monitored", "not-selected", { policy: { monitored: { master: true, worker: false } } }],
  [
    "it carries Asklepios' skip taint",
    "skip-taint",
    { node: { taints: [{ key: "node.kubernetes.io/asklepios", value: "skip", effect: "NoSchedule" }] } },
  ],
  ["it is being deleted", "deleting", { node: { isDeleting: true } }],
  [
    "an autoscaler marked it",
    "autoscaler",
    { node: { taints: [{ key: "ToBeDeletedByClusterAutoscaler", effect: "NoSchedule" }] } },
  ],
  ["it is paused", "paused", { node: { annotations: { "aceso.dev/paused": "" } } }],
  [
    "the cluster is paused",
    "paused",
    { view: { cluster: { kind: "read", annotations: { "aceso.dev/paused": "x" } } } },
  ],
  ["the DaemonSet cannot be read", "paused", { view: { cluster: { kind: "unreadable", problem: "503" } } }],
  ["the configuration says dry-run", "dry-run", { policy: { isDryRun: true } }],
  ["it is too young", "check-delay-after-add", { node: { createdAtWallMs: now.wallMs - minuteMs } }],
  [
    "the leader is new",
    "startup-delay",
    { view: { self: { instance: "self", node: undefined, ledSinceMonoMs: make.ago(29_000), wasHandedOver: false } } },
  ],
  [
    "somebody cordoned it a while ago",
    "maintenance",
    { node: { isUnschedulable: true, unschedulableSinceMonoMs: make.ago(minuteMs) } },
  ],
  ["no machine is known", "machine-unknown", { view: { machines: new Map() } }],
  [
    "two nodes claim one machine",
    "machine-unknown",
    {
      view: {
        machines: new Map(
          ["n1", "well-1"].map((it) => [it, { kind: "known", machine: "m", systemUUID: "", providerID: "" }]),
        ),
      },
    },
  ],
  ["more nodes are ill than allowed", "max-unhealthy", { view: { leases: silentAll(make.crowd) } }],
  [
    "as many repairs as allowed are under way",
    "max-parallel",
    { view: { records: ["well-1", "well-2", "well-3"].map((it) => working(it)) } },
  ],
  [
    "as many repairs as allowed began within the hour",
    "max-repairs-per-hour",
    { policy: { maxRepairsPerHour: 1 }, view: { records: [working("well-1")] } },
  ],
])("a repair does not begin when %s", (_, reason, it) => {
  expect(startReason(it)).toBe(reason);
});

test.each<[string, Case]>([
  [
    "a leader that was handed the lead does not wait",
    { view: { self: { instance: "self", node: undefined, ledSinceMonoMs: now.monoMs, wasHandedOver: true } } },
  ],
  [
    "a person's cordon counts for ten minutes only",
    { node: { isUnschedulable: true, unschedulableSinceMonoMs: make.ago(11 * minuteMs) }, view: { leases: new Map() } },
  ],
  [
    "a repair that only waits for its node takes no place",
    {
      policy: { maxParallel: 1 },
      view: { records: [make.record({ node: "well-1", phase: "Recovering" })] },
    },
  ],
  [
    "a repair that began more than an hour ago and still waits does not count in the hour",
    {
      policy: { maxRepairsPerHour: 1 },
      view: {
        records: [make.record({ node: "well-1", phase: "Recovering", startedAtWallMs: now.wallMs - 61 * minuteMs })],
      },
    },
  ],
])("%s", (_, it) => {
  expect(startReason(it)).toBeUndefined();
});

test("a share of the nodes is rounded down and always allows one; a count is taken as it is", () => {
  expect([limitOf({ ratio: 0.4 }, 1), limitOf({ ratio: 0.4 }, 9), limitOf({ count: 0 }, 9)]).toEqual([1, 3, 0]);
});

describe("control plane", () => {
  const master = (name: string, isReady = true) =>
    make.node(name, { role: "master", ...(isReady ? {} : make.notReady) });
  const held = (others: readonly NodeFacts[], changes: Case = {}, effect?: "power-off") => {
    const it = candidateOf({
      ...changes,
      node: { role: "master", ...make.notReady },
      view: { ...changes.view, nodes: [...others, ...make.crowd] },
    });
    return (effect === undefined ? holdForStart(it, now) : holdForEffect(effect, it, now))?.reason;
  };

  test.each<[string, string | undefined, readonly NodeFacts[], Case]>([
    ["one of three is switched off", undefined, [master("m2"), master("m3")], {}],
    ["two of three ill are held", "control-plane-quorum", [master("m2"), master("m3", false)], {}],
    ["one of two is held", "control-plane-quorum", [master("m2")], {}],
    ["the only one is held", "control-plane-quorum", [], {}],
    ["the only one is not held with external etcd", undefined, [], { policy: { etcd: "external" } }],
    [
      "etcd that cannot be read holds",
      "control-plane-unreadable",
      [master("m2"), master("m3")],
      { view: { etcd: undefined } },
    ],
    [
      "etcd pods that are not Ready hold",
      "control-plane-quorum",
      [master("m2"), master("m3")],
      {
        view: {
          etcd: [
            { node: "m2", isReady: true },
            { node: "m3", isReady: false },
            { node: "n1", isReady: true },
          ],
        },
      },
    ],
    [
      "without another replica nothing happens",
      "no-other-replica",
      [master("m2"), master("m3")],
      { view: { observers: [make.observer("self")] } },
    ],
    [
      "another repair holds",
      "control-plane-busy",
      [master("m2"), master("m3")],
      { view: { records: [working("m2")] } },
    ],
    ["what was found off may begin", undefined, [], { candidate: { isFoundOff: true } }],
  ])("%s", (_, reason, others, changes) => {
    expect(held(others, changes)).toBe(reason);
  });

  test("a repair that began as found off does not switch off a running machine without quorum", () => {
    expect(held([], { candidate: { isFoundOff: true } }, "power-off")).toBe("control-plane-quorum");
  });

  test("of two repairs that began together only the one behind waits, so that they do not wait for each other", () => {
    const records = ["n1", "m2"].map((it) => working(it));
    expect(held([master("m2"), master("m3"), master("m4"), master("m5")], { view: { records } }, "power-off")).toBe(
      "control-plane-busy",
    );
    const ahead = [working("n1", 2 * minuteMs), working("m2", minuteMs)];
    expect(
      held([master("m2"), master("m3"), master("m4"), master("m5")], { view: { records: ahead } }, "power-off"),
    ).toBeUndefined();
  });
});

describe("without provider", () => {
  const node = { ...make.notReady };
  const mute = ["a", "b"].map((it) => make.observer(it, { failing: [make.sees(make.node("n1"), "mute")] }));
  const reason = (changes: Case) =>
    startReason({
      node,
      policy: make.localPolicy(),
      candidate: { mode: "unproven" },
      ...changes,
      view: { leases: silentAll([make.node("n1")]), observers: mute, ...changes.view },
    });

  test("a silent, NotReady, mute node is released where the configuration accepts it", () => {
    expect(reason({})).toBeUndefined();
  });
  test.each<[string, string, Case]>([
    ["the configuration does not accept it", "unproven-not-accepted", { policy: make.policy({ provider: undefined }) }],
    ["Ready still reads True", "still-ready", { node: {} }],
    ["one observer got an answer", "answers-network", { view: { observers: [...mute, make.observer("c")] } }],
    [
      "an observer suspects itself",
      "answers-network",
      { view: { observers: [...mute, make.observer("c", { suspectsSelf: true })] } },
    ],
    ["there is no observer", "answers-network", { view: { observers: [] } }],
  ])("it is held when %s", (_, expected, changes) => {
    expect(reason(changes)).toBe(expected);
  });
});

describe("disks", () => {
  const reason = (changes: Case) =>
    holdForEffect("rebuild", candidateOf({ candidate: { rung: "rebuild" }, ...changes }), now)?.reason;
  test.each<[string, string | undefined, Case]>([
    ["volumes that were not read hold", "local-data", {}],
    ["a pinned volume holds", "local-data", { view: { pinnedVolumes: new Map([["n1", ["pv-1"]]]) } }],
    ["keep-disk holds", "local-data", { node: { annotations: { "aceso.dev/keep-disk": "" } } }],
    ["stacked etcd holds", "etcd-stacked", { node: { role: "master" } }],
    ["no volume frees", undefined, { view: { pinnedVolumes: new Map([["n1", []]]) } }],
    ["accepted loss frees", undefined, { policy: { acceptDiskLoss: true } }],
  ])("%s", (_, expected, changes) => {
    expect(reason(changes)).toBe(expected);
  });
});

test("giving back is never held, switching on is not braked, taking down is", () => {
  const storm: Case = { view: { leases: silentAll(make.crowd) } };
  expect(holdForEffect("untaint", candidateOf({ policy: { isDryRun: true } }), now)).toBeUndefined();
  expect(holdForEffect("power-on", candidateOf(storm), now)).toBeUndefined();
  expect(holdForEffect("power-off", candidateOf(storm), now)?.reason).toBe("max-unhealthy");
  expect(holdForEffect("taint", candidateOf(storm), now)?.reason).toBe("max-unhealthy");
});

test("a repair whose Node is gone is still held by pauses and dry-run, and destroys nothing", () => {
  const paused = make.view({ cluster: { kind: "read", annotations: { "aceso.dev/paused": "x" } } });
  expect(holdWithoutNode("power-on", paused, make.record(), now)?.reason).toBe("paused");
  expect(holdWithoutNode("power-on", make.view(), make.record({ wishes: { paused: true } }), now)?.reason).toBe(
    "paused",
  );
  for (const effect of ["power-off", "hard-reboot", "rebuild", "replace"] as const) {
    expect(holdWithoutNode(effect, make.view(), make.record(), now)?.reason).toBe("node-gone");
  }
  expect(holdWithoutNode("power-on", make.view(), make.record(), now)).toBeUndefined();
});

test("a Node that was paused and then removed is not switched on behind the person's back", () => {
  const message = hold("paused", pauseText({ scope: "node", text: "reinstall", untilWallMs: undefined })).message;
  const paused = make.record({ reason: "paused", message });
  expect(holdWithoutNode("power-on", make.view(), paused, now)?.reason).toBe("paused");
  const ofCluster = hold("paused", pauseText({ scope: "cluster", text: "x", untilWallMs: undefined })).message;
  expect(
    holdWithoutNode("power-on", make.view(), make.record({ reason: "paused", message: ofCluster }), now),
  ).toBeUndefined();
});

test("a repair does not turn to another machine because another Node took the name", () => {
  const node = make.node("n1", { ...make.notReady, uid: "another" });
  const view = make.view({
    nodes: [node],
    machines: new Map([["n1", { kind: "known" as const, machine: "m2", systemUUID: "", providerID: "" }]]),
  });
  const record = make.record({ phase: "Fencing", identity: { ...make.record().identity!, machine: "m1" } });
  expect(holdForEffect("power-off", make.candidate(view, "n1", { record }), now)?.reason).toBe("identity-changed");
});

test("what a Node claimed that is gone holds nobody", () => {
  const claim = { kind: "known", machine: "m", systemUUID: "", providerID: "" } as const;
  const view = make.view({ nodes: [make.node(), ...make.crowd] });
  const held = (other: string) => {
    const machines = new Map([
      ["n1", claim],
      [other, claim],
    ]);
    return holdForEffect("power-off", make.candidate({ ...view, machines }), make.now)?.reason;
  };
  expect(held("well-1")).toBe("machine-unknown");
  expect(held("its-former-name")).not.toBe("machine-unknown");
});
