import fc from "fast-check";
import type { NodeFacts, ObserverView, PowerState } from "../../src/core/model.ts";
import type { Policy } from "../../src/core/policy.ts";
import type { RepairRecord } from "../../src/core/record.ts";
import { hourMs, minuteMs } from "../../src/core/time.ts";
import type { ClusterView } from "../../src/core/view.ts";
import { ago, node, now, observer, policy, reading, ready, record, still, view } from "./core-builders.ts";

const rarely = fc.integer({ min: 0, max: 9 }).map((it) => it === 0);
const often = fc.integer({ min: 0, max: 9 }).map((it) => it > 0);

/** One node, its Lease, findings, machine and record. Names are n0, n1, … in the order made. */
interface Case {
  readonly facts: NodeFacts;
  readonly silentMs: number | undefined;
  readonly finding: { readonly ageMs: number; readonly durationMs: number } | undefined;
  readonly power: readonly PowerState[];
  readonly isKnown: boolean;
  readonly record: RepairRecord | undefined;
}

const marks = fc.constantFrom("none", "none", "none", "none", "none", "paused", "skip", "autoscaler", "deleting");

const facts = fc
  .record({ isMaster: fc.integer({ min: 0, max: 3 }), mark: marks, isReady: fc.boolean(), isOld: often, pool: often })
  .map(
    ({ isMaster, mark, isReady, isOld, pool }): NodeFacts =>
      node("", {
        role: isMaster === 0 ? "master" : "worker",
        labels: pool ? { pool: "a" } : {},
        conditions: [ready(isReady ? "True" : "False")],
        annotations: mark === "paused" ? { "aceso.dev/paused": "by hand" } : {},
        isDeleting: mark === "deleting",
        taints: [
          ...(mark === "skip" ? [{ key: "node.kubernetes.io/asklepios", value: "skip", effect: "NoSchedule" }] : []),
          ...(mark === "autoscaler" ? [{ key: "ToBeDeletedByClusterAutoscaler", effect: "NoSchedule" }] : []),
        ],
        createdAtWallMs: now.wallMs - (isOld ? 24 * hourMs : minuteMs),
      }),
  );

const repair = fc
  .record({
    phase: fc.constantFrom("Cordoning", "Fencing", "Restoring", "Recovering", "Healed", "Held", undefined),
    ageMs: fc.integer({ min: 0, max: 3 * hourMs }),
    past: fc.array(fc.integer({ min: 0, max: 2 * hourMs }), { maxLength: 3 }),
  })
  .map(({ phase, ageMs, past }): RepairRecord => {
    const { phase: _phase, ...rest } = record({ startedAtWallMs: now.wallMs - ageMs });
    const history = [...past, ...(phase === "Healed" || phase === "Held" ? [ageMs] : [])].map((it) => ({
      startedAtWallMs: now.wallMs - it,
      endedAtWallMs: now.wallMs,
      outcome: "Healed" as const,
      reason: "healed",
    }));
    return phase === undefined ? { ...rest, history } : { ...rest, phase, history };
  });

const oneNode: fc.Arbitrary<Case> = fc.record({
  facts,
  silentMs: fc.oneof(
    { weight: 5, arbitrary: fc.constant(2_000) },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 600_000 }) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  ),
  finding: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: fc.record({ ageMs: fc.nat(600_000), durationMs: fc.nat(300_000) }) },
  ),
  power: fc.oneof(
    { weight: 2, arbitrary: fc.constant<PowerState[]>(["off", "off"]) },
    {
      weight: 1,
      arbitrary: fc.array(fc.constantFrom<PowerState>("on", "off", "changing", "unknown"), { maxLength: 3 }),
    },
  ),
  isKnown: often,
  record: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: repair }),
});

const anyPolicy = fc
  .record({
    isDryRun: rarely,
    hasProvider: often,
    maxParallel: fc.integer({ min: 1, max: 4 }),
    maxRepairsPerHour: fc.integer({ min: 1, max: 12 }),
    ratio: fc.constantFrom(0.2, 0.4, 0.7, 1, 1),
    selector: rarely,
    masters: often,
  })
  .map(({ isDryRun, hasProvider, maxParallel, maxRepairsPerHour, ratio, selector, masters }): Policy => {
    const base = policy();
    return {
      ...base,
      isDryRun,
      maxParallel,
      maxRepairsPerHour,
      maxUnhealthy: { ratio },
      nodeSelector: selector ? { pool: "a" } : {},
      monitored: { master: masters, worker: true },
      provider: hasProvider ? base.provider : undefined,
      fencing: { ...base.fencing, acceptUnproven: true },
    };
  });

const probe = "Endpoint";

function observersOf(nodes: readonly NodeFacts[], failing: readonly boolean[][]): ObserverView[] {
  return failing.map((row, index) =>
    observer(`o${index}`, {
      node: `n${index}`,
      failing: nodes
        .filter((_, at) => row[at] === true)
        .flatMap((it) =>
          [probe, "mute"].map((check) => ({
            node: it.name,
            nodeUid: it.uid,
            check,
            message: `seen by o${index}`,
            firstSeenMonoMs: ago(300_000),
          })),
        ),
    }),
  );
}

/** Clusters of up to eight nodes in any state, with a policy and a leader of any luck. */
export const clusterView: fc.Arbitrary<ClusterView> = fc
  .record({
    cases: fc.array(oneNode, { minLength: 1, maxLength: 8 }),
    policy: anyPolicy,
    votes: fc.array(fc.array(rarely, { maxLength: 8 }), { maxLength: 3 }),
    ownNode: fc.option(fc.integer({ min: 0, max: 7 }), { nil: undefined }),
    isClusterReadable: often,
    etcd: fc.constantFrom("none", "unread", "ready"),
  })
  .map(({ cases, policy: its, votes, ownNode, isClusterReadable, etcd }) => {
    const nodes = cases.map((it, index) => ({ ...it.facts, name: `n${index}`, uid: `uid-n${index}` }));
    const at = <T>(pick: (it: Case, name: string) => T | undefined): [string, T][] =>
      cases.flatMap((it, index): [string, T][] => {
        const value = pick(it, `n${index}`);
        return value === undefined ? [] : [[`n${index}`, value]];
      });
    const base = view({ nodes, policy: its });
    const masters = nodes.filter((it) => it.role === "master").map((it) => ({ node: it.name, isReady: true }));
    return {
      ...base,
      probes: [
        { id: probe, role: "worker", unhealthyDurationMs: minuteMs },
        { id: probe, role: "master", unhealthyDurationMs: minuteMs },
      ],
      leases: new Map(at((it) => (it.silentMs === undefined ? undefined : still(it.silentMs)))),
      passive: new Map(
        at(({ finding }) =>
          finding === undefined
            ? undefined
            : [
                {
                  check: "NodeCondition",
                  message: "Ready is False",
                  sinceMonoMs: ago(finding.ageMs),
                  unhealthyDurationMs: finding.durationMs,
                },
              ],
        ),
      ),
      observers: observersOf(nodes, votes),
      readings: new Map(
        at((it, name) =>
          it.power.map((power, index) => reading(power, (it.power.length - index) * 2_500, `m-${name}`)),
        ),
      ),
      machines: new Map(
        at((it, name) =>
          it.isKnown ? { kind: "known" as const, machine: `m-${name}`, systemUUID: "", providerID: "" } : undefined,
        ),
      ),
      records: new Map(
        at((it, name) =>
          it.record === undefined ? undefined : { kind: "record" as const, record: { ...it.record, node: name } },
        ),
      ),
      etcd: etcd === "none" ? [] : etcd === "unread" ? undefined : masters,
      cluster: isClusterReadable ? { kind: "none" } : { kind: "unreadable", problem: "503" },
      self: { ...base.self, node: ownNode === undefined ? undefined : `n${ownNode}` },
    };
  });
