import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide } from "../../../src/core/decide.ts";
import {
  clocksApartMs,
  openRequest,
  requestEndsAt,
  requestLastsMs,
  whyRefused,
} from "../../../src/core/open-request.ts";
import { outcomes, type RepairRecord, type RepairRequest, workPhases } from "../../../src/core/record.ts";
import { answerRequest, refuseStale } from "../../../src/core/requests.ts";
import { hourMs } from "../../../src/core/time.ts";
import type { ClusterView } from "../../../src/core/view.ts";
import { emptyRecord, now, policy, record } from "../../support/core-builders.ts";
import { clusterView } from "../../support/core-views.ts";

const kind = fc.constantFrom("repair" as const, "release-hold" as const, "confirm-off" as const);
const ageMs = fc.oneof(
  fc.constantFrom(0, -clocksApartMs, -clocksApartMs - 1, requestLastsMs, requestLastsMs + 1),
  fc.integer({ min: -3 * hourMs, max: 3 * hourMs }),
);
const request = (age: fc.Arbitrary<number | undefined>): fc.Arbitrary<RepairRequest> =>
  fc.record({ kind, age }).map(({ kind, age }) => ({
    id: "q1",
    kind,
    repairId: "r1",
    bootId: "boot-1",
    ...(age !== undefined && { askedAtWallMs: now.wallMs - age }),
  }));

/** Any request, on a record in any phase, whose object is of any age, or of an unknown one. */
const asked = fc
  .record({
    request: request(fc.option(ageMs, { nil: undefined })),
    phase: fc.constantFrom(undefined, ...workPhases, ...outcomes),
    madeMs: fc.option(fc.integer({ min: 0, max: 4 * hourMs }), { nil: undefined }),
  })
  .map(({ request, phase, madeMs }): RepairRecord => {
    const base = phase === undefined ? emptyRecord("n1") : record({ phase, message: "as it was" });
    const made = madeMs === undefined ? {} : { objectCreatedAtWallMs: now.wallMs - madeMs };
    return { ...base, ...made, wishes: { request } };
  });

/** What nobody who asks today can have written. */
const stale = fc.oneof(
  request(fc.constant(undefined)),
  request(fc.integer({ min: requestLastsMs + 1, max: 1_000 * hourMs })),
  request(fc.integer({ min: -1_000 * hourMs, max: -clocksApartMs - 1 })),
);

const runs = { numRuns: 1_000 };

test("a request counts when it says that it was asked within the last hour, of this very object", () => {
  fc.assert(
    fc.property(asked, (it) => {
      const at = it.wishes.request?.askedAtWallMs;
      const madeAt = it.objectCreatedAtWallMs ?? Number.NEGATIVE_INFINITY;
      const isNew = at !== undefined && at <= now.wallMs + clocksApartMs && at >= now.wallMs - requestLastsMs;
      const counts = isNew && madeAt - at <= clocksApartMs;
      expect(openRequest(it, now.wallMs)).toEqual(counts ? it.wishes.request : undefined);
      expect(whyRefused(it, now.wallMs) === undefined).toBe(counts);
    }),
    runs,
  );
});

test("what is refused is answered by that alone, once, and changes nothing of a repair under way or held", () => {
  fc.assert(
    fc.property(asked, (it) => {
      const refused = refuseStale(it, now.wallMs);
      if (refused === undefined) return;
      expect(answerRequest(it, policy(), true, now.wallMs)).toBeUndefined();
      const { handledRequest, refusedRequest, message, ...rest } = refused;
      const { message: before, ...restBefore } = it;
      expect(rest).toEqual(restBefore);
      expect([handledRequest, refusedRequest?.id]).toEqual(["q1", "q1"]);
      const isIdle = it.phase === undefined || it.phase === "Healed" || it.phase === "Recovered";
      expect(message).toBe(isIdle ? `refused: ${refusedRequest?.because}` : before);
      expect(refusedRequest?.because).toMatch(/ask again/);
      expect(refuseStale(refused, now.wallMs + hourMs)).toBeUndefined();
      expect(answerRequest(refused, policy(), true, now.wallMs)).toBeUndefined();
    }),
    runs,
  );
});

test("what was answered once is neither open nor refused, however old it grows", () => {
  fc.assert(
    fc.property(asked, ageMs, (it, laterMs) => {
      const answered = { ...it, handledRequest: "q1" };
      expect(openRequest(answered, now.wallMs + laterMs)).toBeUndefined();
      expect(whyRefused(answered, now.wallMs + laterMs)).toBeUndefined();
    }),
  );
});

test("an open request is looked at again right when it becomes too old", () => {
  fc.assert(
    fc.property(asked, (it) => {
      const endsAt = requestEndsAt(it, now);
      expect(endsAt === undefined).toBe(openRequest(it, now.wallMs) === undefined);
      if (endsAt === undefined) return;
      const thenWallMs = now.wallMs + (endsAt - now.monoMs);
      expect(openRequest(it, thenWallMs - 1)).toBeDefined();
      expect(openRequest(it, thenWallMs)).toBeUndefined();
    }),
  );
});

describe("a stale request of any kind", () => {
  /** The same cluster, in which a backup put the request into every record and gave one to every node without. */
  const withRequest = (view: ClusterView, request: RepairRequest | undefined): ClusterView => ({
    ...view,
    records: new Map(
      [...view.nodes.keys()].map((name) => {
        const stored = view.records.get(name);
        const base = stored?.kind === "record" ? stored.record : emptyRecord(name);
        return [name, { kind: "record", record: { ...base, wishes: request === undefined ? {} : { request } } }];
      }),
    ),
  });

  /** All of it but the crowd, which holds the records themselves. */
  const decided = (view: ClusterView) => {
    const { crowd: _crowd, ...rest } = decide(view, now);
    return rest;
  };

  test("changes no decision, with a provider or without", () => {
    fc.assert(
      fc.property(clusterView, stale, (view, request) => {
        expect(decided(withRequest(view, request))).toEqual(decided(withRequest(view, undefined)));
      }),
      runs,
    );
  });

  test("is what decides in the same clusters when it was asked just now, so the rule above is not empty", () => {
    const starts = (view: ClusterView) => decide(view, now).actions.filter((it) => it.kind === "start").length;
    const fresh = (kind: RepairRequest["kind"]) => ({ id: "q1", kind, bootId: "boot-1", askedAtWallMs: now.wallMs });
    const sample = fc.sample(clusterView, { numRuns: 200, seed: 1 });
    const bySome = sample.filter((it) => starts(withRequest(it, fresh("repair"))) > starts(withRequest(it, undefined)));
    expect(bySome.length).toBeGreaterThan(20);
  });
});
