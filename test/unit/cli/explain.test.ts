import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide } from "../../../src/core/decide.ts";
import { explain, explainAll, notWell } from "../../../src/core/explain.ts";
import { type HoldReason, hold, holdReasons } from "../../../src/core/hold.ts";
import { holdAdvice } from "../../../src/core/hold-advice.ts";
import { hourMs, minuteMs } from "../../../src/core/time.ts";
import {
  crowd,
  localPolicy,
  node,
  notReady,
  now,
  observer,
  offTwice,
  policy,
  record,
  sees,
  view,
} from "../../support/core-builders.ts";
import { clusterView } from "../../support/core-views.ts";
import { ill, withIll } from "../../support/ill-node.ts";

describe("holds", () => {
  test.each(Object.keys(holdReasons) as HoldReason[])(
    "%s: says what happens next and what would change it",
    (reason) => {
      const advice = holdAdvice[reason];
      expect(advice.next).toMatch(/\.$/);
      expect(advice.wouldChange.length).toBeGreaterThan(0);
      expect(advice.wouldChange.every((line) => !line.endsWith("."))).toBe(true);
    },
  );

  test.each(Object.keys(holdReasons) as HoldReason[])(
    "%s as the reason of a held repair explains itself by the same words",
    (reason) => {
      const held = record({ phase: "Held", reason, message: hold(reason).message });
      const said = explain(withIll({ records: [held] }), now, "n1");
      expect(said).toMatchObject({ state: "Held", reason, next: { what: holdAdvice[reason].next } });
      expect(said.sentence).toContain(`n1 is held (${reason})`);
      expect(said.sentence).toContain(holdReasons[reason].replace(/\.$/, ""));
      expect(said.wouldChange.join("\n")).not.toMatch(/\bNODE\b/);
    },
  );

  test("a guard that holds a start is named with its particulars and its end", () => {
    const paused = node("n1", {
      ...notReady,
      annotations: {
        "aceso.dev/paused": "disk swap",
        "aceso.dev/paused-until": new Date(now.wallMs + hourMs).toISOString(),
      },
    });
    const said = explain(withIll({ nodes: [paused, ...crowd] }), now, "n1");
    expect(said).toMatchObject({ state: "Held", reason: "paused", next: { afterMs: hourMs } });
    expect(said.sentence).toContain("disk swap");
    expect(said.wouldChange.join()).toContain("aceso resume n1");
    expect(said.facts.join("\n")).toContain("Paused (node): disk swap");
  });

  test("without a provider and without consent it says how a person can prove that the machine is off", () => {
    const said = explain(withIll({ policy: policy({ provider: undefined }) }), now, "n1");
    expect(said.reason).toBe("unproven-not-accepted");
    expect(said.wouldChange.join("\n")).toContain("aceso confirm-off n1");
  });
});

describe("what stands behind the first answer", () => {
  test("dry-run says how the repair would begin", () => {
    const said = explain(withIll({ policy: policy({ isDryRun: true }) }), now, "n1");
    expect(said.reason).toBe("dry-run");
    expect(said.sentence).toContain("Else a repair would begin now (power-cycle).");
  });

  test("the reasons that hold it when the first one is over are facts", () => {
    const paused = node("n1", { ...notReady, annotations: { "aceso.dev/paused": "disk swap" } });
    const said = explain(
      withIll({ nodes: [paused, ...crowd], policy: policy({ isDryRun: true, maxParallel: 0 }) }),
      now,
      "n1",
    );
    expect(said.reason).toBe("paused");
    expect(said.facts).toContain("When that is over it is still held by: max-parallel, dry-run.");
  });

  test("a node that only one reason holds has no such fact", () => {
    const said = explain(withIll({ policy: policy({ isDryRun: true }) }), now, "n1");
    expect(said.facts.join("\n")).not.toContain("When that is over");
  });

  test("the hourly limit says when the next repair may begin", () => {
    const past = (minutesAgo: number) => ({
      startedAtWallMs: now.wallMs - minutesAgo * minuteMs,
      endedAtWallMs: now.wallMs - (minutesAgo - 1) * minuteMs,
      outcome: "Healed" as const,
      reason: "healed",
    });
    const { phase: _phase, ...idle } = record({ node: "well-1", history: [past(50), past(20)] });
    const limited = policy({ maxRepairsPerHour: 2 });
    const said = explain(withIll({ records: [idle], policy: limited }), now, "n1");
    expect(said).toMatchObject({ reason: "max-repairs-per-hour", next: { afterMs: 10 * minuteMs } });
  });

  test("the ladder is told with the attempts that are spent", () => {
    const attempts = [{ rung: "power-cycle", count: 1, lastAtWallMs: now.wallMs - hourMs }] as const;
    const said = explain(withIll({ records: [record({ phase: "Fencing", attempts })] }), now, "n1");
    expect(said.facts.find((it) => it.startsWith("Ladder: "))).toContain("power-cycle (1 of 2 attempts spent)");
  });
});

describe("a reason to wait within a repair says when it ends", () => {
  const waits = (reason: HoldReason, changes: Parameters<typeof withIll>[0] = {}, forMs = 40_000) =>
    explain(withIll({ records: [record({ phase: "Restoring", reason })], ...changes }, forMs), now, "n1").next.afterMs;

  test("countdown: when the first check is due", () => {
    expect(waits("countdown")).toBe(15_000);
  });

  test("not-silent-yet: when its Lease has stood still for long enough", () => {
    expect(waits("not-silent-yet", {}, 20_000)).toBe(5_000);
  });

  test("paused: when the pause ends, if it has an end", () => {
    const until = new Date(now.wallMs + hourMs).toISOString();
    const annotations = { "aceso.dev/paused": "x", "aceso.dev/paused-until": until };
    expect(waits("paused", { nodes: [node("n1", { ...notReady, annotations }), ...crowd] })).toBe(hourMs);
    expect(waits("paused")).toBeUndefined();
  });

  test("ladder-exhausted: never by time alone", () => {
    expect(waits("ladder-exhausted")).toBeUndefined();
  });
});

describe("actions", () => {
  test("a well node needs no reason, and tells how its last repair ended", () => {
    const past = {
      startedAtWallMs: now.wallMs - 3 * hourMs,
      endedAtWallMs: now.wallMs - 2 * hourMs,
      outcome: "Healed",
      reason: "healed",
    } as const;
    const { phase: _phase, ...idle } = record({ history: [past] });
    const said = explain(view({ nodes: [node()], records: [idle] }), now, "n1");
    expect(said.state).toBe("Well");
    expect(said.sentence).toBe("n1 is well; there is nothing to do. Its last repair ended 120m ago: Healed.");
  });

  test("a countdown says when it ends", () => {
    expect(explain(withIll({}, 40_000), now, "n1")).toMatchObject({ state: "Watched", next: { afterMs: 15_000 } });
  });

  test("a countdown speaks of a machine found off only where somebody would find it and act", () => {
    const soon = (its: Parameters<typeof withIll>[0]) => explain(withIll(its, 30_000), now, "n1");
    const cut = /found off: then its pods are freed/;
    expect(soon({}).wouldChange).toContainEqual(expect.stringMatching(cut));
    for (const its of [localPolicy(), policy({ isDryRun: true })]) {
      expect(soon({ policy: its })).toMatchObject({ reason: "watch", wouldChange: ["its checks pass again"] });
    }
  });

  test("a countdown under a pause does not promise a repair", () => {
    const paused = node("n1", { ...notReady, annotations: { "aceso.dev/paused": "true" } });
    const said = explain(withIll({ nodes: [paused, ...crowd] }, 40_000), now, "n1");
    expect(said.next.what).toContain("nothing begins while the pause lasts");
  });

  test("a repair that begins now says how", () => {
    const said = explain(withIll(), now, "n1");
    expect(said).toMatchObject({ state: "Starting", reason: "start", next: { afterMs: 0 } });
    expect(said.sentence).toContain("power-cycle, attempt 1");
  });

  test("a machine found off is said to be so", () => {
    const said = explain(withIll({ readings: new Map([["n1", offTwice]]) }, 30_000), now, "n1");
    expect(said.sentence).toContain("its machine was found off");
    expect(said.facts.join("\n")).toContain("read off");
  });

  test("local fencing is called what it is", () => {
    const seesMute = observer("other", { failing: [sees(ill, "mute")] });
    const self = observer("self", { failing: [sees(ill, "mute")] });
    const said = explain(withIll({ policy: localPolicy(), observers: [self, seesMute] }), now, "n1");
    expect(said.sentence).toContain("fenced locally, without proof");
    expect(said.facts).toContain("Nothing on its address answers any observer.");
  });

  test("a leader on the ill node hands over", () => {
    const base = withIll();
    const said = explain({ ...base, self: { ...base.self, node: "n1" } }, now, "n1");
    expect(said.state).toBe("HandingOver");
  });

  test("marks without a record are adopted", () => {
    const marks = JSON.stringify({ repairId: "r9", bootID: "boot-1", marks: {} });
    const marked = node("n1", { annotations: { "aceso.dev/marks": marks } });
    expect(explain(view({ nodes: [marked] }), now, "n1").state).toBe("Adopting");
  });

  test("a foreign out-of-service taint is reported", () => {
    const tainted = node("n1", { taints: [{ key: "node.kubernetes.io/out-of-service", effect: "NoExecute" }] });
    const said = explain(view({ nodes: [tainted] }), now, "n1");
    expect(said.reason).toBe("orphan-taint");
    expect(said.facts).toContain("It carries the out-of-service taint, which Aceso did not set.");
  });

  test("a repair whose Node is gone is still explained and listed", () => {
    const gone = view({ records: [record({ phase: "Restoring" })] });
    expect(notWell(gone, now)).toEqual(["n1"]);
    expect(explain(gone, now, "n1")).toMatchObject({
      state: "Restoring",
      facts: expect.arrayContaining(["The Node object does not exist."]),
    });
  });

  test("a name that nobody knows is missing", () => {
    expect(explain(view(), now, "n1")).toMatchObject({ state: "Missing", reason: "node-gone" });
  });
});

test("whatever the cluster is like, every node has an explanation that agrees with the decision", () => {
  fc.assert(
    fc.property(clusterView, (any) => {
      const actions = new Map(decide(any, now).actions.map((it) => [it.node.name, it]));
      for (const said of explainAll(any, now, [...any.nodes.keys()])) {
        const action = actions.get(said.node);
        expect(said.sentence).toMatch(/\.$/);
        expect(said.next.what).not.toBe("");
        expect(said.next.afterMs ?? 0).toBeGreaterThanOrEqual(0);
        expect(said.facts.length).toBeGreaterThan(0);
        expect(said.state === "Well").toBe(action === undefined);
        if (action?.kind === "hold") expect(said.reason).toBe(action.hold.reason);
        expect(`${said.sentence}${said.facts}${said.wouldChange}`).not.toMatch(/undefined|NaN|\bNODE\b/);
      }
    }),
    { numRuns: 300 },
  );
});
