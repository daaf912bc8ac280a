import { expect, test } from "vitest";
import { explain } from "../../../src/core/explain.ts";
import { holdForStart } from "../../../src/core/guards.ts";
import { whyRefused } from "../../../src/core/open-request.ts";
import type { RepairRecord, RepairRequest } from "../../../src/core/record.ts";
import { refuseStale } from "../../../src/core/requests.ts";
import { hourMs, minuteMs } from "../../../src/core/time.ts";
import {
  candidate,
  crowd,
  emptyRecord,
  localPolicy,
  node,
  notReady,
  now,
  still,
  view,
} from "../../support/core-builders.ts";

const asked = (request: Partial<RepairRequest>, madeAgoMs = 48 * hourMs): RepairRecord => ({
  ...emptyRecord("n1"),
  objectCreatedAtWallMs: now.wallMs - madeAgoMs,
  wishes: { request: { id: "q1", kind: "repair" as const, ...request } },
});
const askedAgo = (ms: number) => ({ askedAtWallMs: now.wallMs - ms });

test.each([
  ["without a time", asked({}), /does not say when it was asked \(spec\.request\.askedAt\).*ask again/],
  [
    "of yesterday",
    asked(askedAgo(26 * hourMs)),
    /^the request repair \(q1\) was asked at 2027-.+Z, 26h ago, and .* 60m; ask again$/,
  ],
  [
    "of the future",
    asked(askedAgo(-hourMs)),
    /but the leader's clock says 2027-.+Z: set the clocks right, then ask again/,
  ],
  [
    "older than its object",
    asked(askedAgo(30 * minuteMs), 10 * minuteMs),
    /before this NodeRepair was made at .+; ask again/,
  ],
])("a request %s is refused in words that say why and what to do", (_, record, words) => {
  expect(whyRefused(record, now.wallMs)).toMatch(words);
});

test("a request that waited an hour for its turn and one that made its object are not refused", () => {
  expect(whyRefused(asked(askedAgo(hourMs)), now.wallMs)).toBeUndefined();
  expect(whyRefused(asked(askedAgo(2_000), 1_000), now.wallMs)).toBeUndefined();
  expect(whyRefused(asked(askedAgo(-4 * minuteMs), 0), now.wallMs)).toBeUndefined();
});

test("an old word that a machine is off permits no taint, a new one does", () => {
  const policy = { ...localPolicy(), fencing: { ...localPolicy().fencing, acceptUnproven: false } };
  const holdWith = (request: Partial<RepairRequest>) => {
    const record = asked({ kind: "confirm-off", bootId: "boot-1", ...request });
    const ill = view({ policy, nodes: [node("n1", notReady), ...crowd], records: [record] });
    const silent = { ...ill, leases: new Map(ill.leases).set("n1", still(2 * minuteMs)) };
    return holdForStart(candidate(silent, "n1", { mode: "unproven", rung: undefined }), now)?.reason;
  };
  expect(holdWith(askedAgo(minuteMs))).toBeUndefined();
  expect([holdWith(askedAgo(2 * hourMs)), holdWith({})]).toEqual(["unproven-not-accepted", "unproven-not-accepted"]);
});

test("explain tells of a request that will be refused, and of one that was, until another is asked", () => {
  const old = asked(askedAgo(26 * hourMs));
  const facts = (record: RepairRecord) =>
    explain(view({ nodes: [node(), ...crowd], records: [record] }), now, "n1").facts;
  expect(facts(old)).toContainEqual(expect.stringMatching(/^To be refused: the request repair .+; ask again\.$/));
  const refused = { ...old, ...refuseStale(old, now.wallMs) };
  expect(facts(refused)).toContainEqual(expect.stringMatching(/^Refused: the request repair .+; ask again\.$/));
  const another = { ...refused, wishes: { request: { id: "q2", kind: "repair" as const, ...askedAgo(0) } } };
  expect(facts(another).join()).not.toContain("efused");
});
