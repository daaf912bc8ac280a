import fc from "fast-check";
import { expect, test } from "vitest";
import { type Finding, muteCheck, type NodeFacts, type ObserverView } from "../../../src/core/model.ts";
import { minuteMs } from "../../../src/core/time.ts";
import { freshObservers, isMute, votedFindings } from "../../../src/core/votes.ts";
import { ago, node, now, observer } from "../../support/core-builders.ts";

const nodes = ["a", "b", "c"].map((name) => node(name));
const probes = ["Endpoint", "Ping"].map((id) => ({ id, role: "worker", unhealthyDurationMs: minuteMs }) as const);

const name = fc.constantFrom("a", "b", "c", "gone");
const check = fc.constantFrom("Endpoint", "Ping", muteCheck);
const rarely = fc.integer({ min: 0, max: 4 }).map((it) => it === 0);

/** Lists name a node twice, an earlier Node of its name, and nodes that are gone. */
const report = fc.record({
  home: fc.constantFrom("a", "x", "y", "z"),
  isStale: rarely,
  suspectsSelf: rarely,
  isTruncated: rarely,
  failing: fc.array(
    fc.record({ name, check, isOld: rarely, ageMs: fc.nat(minuteMs), message: fc.constantFrom("m", "n") }),
  ),
  unknown: fc.array(fc.record({ node: name, check }), { maxLength: 4 }),
});

const reports = fc.array(report, { maxLength: 4 }).map((all) =>
  all.map(({ home, isStale, failing, ...rest }, index): ObserverView => {
    const entries = failing.map((it) => ({
      ...{ node: it.name, nodeUid: it.isOld ? "old" : `uid-${it.name}`, check: it.check, message: it.message },
      firstSeenMonoMs: ago(it.ageMs),
    }));
    return observer(`o${index}`, { ...rest, node: home, failing: entries, ...(isStale && { changedAtMonoMs: 0 }) });
  }),
);

/** The rule, looking through every list for every question. */
function plainly(of: NodeFacts, isSilent: boolean, observers: readonly ObserverView[]): Finding[] {
  const fresh = freshObservers(observers, now);
  return probes.flatMap((probe) => {
    const isIts = (it: { readonly node: string; readonly check: string }) =>
      it.node === of.name && it.check === probe.id;
    const voters = fresh.filter((it) => it.node !== of.name && !it.suspectsSelf);
    const against = voters.flatMap((it) => it.failing.find((each) => isIts(each) && each.nodeUid === of.uid) ?? []);
    const others = voters.filter((it) => !it.failing.some((each) => isIts(each) && each.nodeUid === of.uid));
    const cast = against.length + others.filter((it) => !it.isTruncated && !it.unknown.some(isIts)).length;
    const isEnough = cast >= 2 || (fresh.length === 1 && cast === 1 && isSilent);
    if (!isEnough || against.length * 2 <= cast) return [];
    const inTime = against.sort((a, b) => a.firstSeenMonoMs - b.firstSeenMonoMs || a.message.localeCompare(b.message));
    const last = inTime[Math.floor(cast / 2)];
    if (last === undefined) return [];
    const message = `${against.length} of ${cast} observers: ${last.message}`;
    return [{ check: probe.id, message, sinceMonoMs: last.firstSeenMonoMs, unhealthyDurationMs: minuteMs }];
  });
}

function plainlyMute(of: NodeFacts, observers: readonly ObserverView[]): boolean {
  const others = freshObservers(observers, now).filter((it) => it.node !== of.name);
  const says = ({ failing, suspectsSelf }: ObserverView) =>
    !suspectsSelf && failing.some((it) => it.node === of.name && it.nodeUid === of.uid && it.check === muteCheck);
  return others.length > 0 && others.every(says);
}

test("votes are counted as if every report were read from its beginning for every node", () => {
  let found = 0;
  fc.assert(
    fc.property(reports, fc.boolean(), (observers, isSilent) => {
      for (const each of nodes) {
        const findings = votedFindings(each, isSilent, observers, probes, now);
        expect(findings).toEqual(plainly(each, isSilent, observers));
        expect(isMute(each, observers, now)).toBe(plainlyMute(each, observers));
        found += findings.length;
      }
    }),
    { numRuns: 1_000 },
  );
  expect(found).toBeGreaterThan(100);
});
