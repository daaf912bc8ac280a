import fc from "fast-check";
import { expect, test } from "vitest";
import type { ClusterView } from "../../../src/core/view.ts";
import type { Ward } from "../../../src/http/ward.ts";
import { WardFeed } from "../../../src/http/ward-feed.ts";
import { now } from "../../support/core-builders.ts";
import { clusterView } from "../../support/core-views.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

/** A later look, or another one: after some time, with a node less, a note more, another sign of the leader. */
const look = fc.record({
  afterMs: fc.constantFrom(0, 0, 300, 2_000, 30_000),
  isOneLess: fc.integer({ min: 0, max: 3 }).map((it) => it === 0),
  notes: fc.constantFrom<string[]>([], [], [], ["a note"]),
  renewedAgoMs: fc.nat(5_000),
});

/** The ward as JSON without what only the passing of time changes, value by value. */
function plainlyShown(ward: Ward): string {
  const moving = ["asOf", "revision", "renewedAt", "seenAt", "at"];
  const slot = Math.floor(Date.parse(ward.asOf) / 10_000);
  const still = JSON.stringify(ward, (key, value: unknown) => {
    if (moving.includes(key)) return undefined;
    return key === "facts" || key === "sentence" ? JSON.stringify(value).replace(/\d+/g, "#") : value;
  });
  return `${slot} ${still}`;
}

function withoutOne(view: ClusterView): ClusterView {
  return { ...view, nodes: new Map([...view.nodes].slice(1)) };
}

test("the revision grows when the ward changed by more than the passing of time, and only then", async () => {
  let same = 0;
  await fc.assert(
    fc.asyncProperty(clusterView, fc.array(look, { minLength: 1, maxLength: 4 }), async (view, looks) => {
      const clock = new VirtualClock();
      let next = { view, wallMs: now.wallMs, notes: [] as readonly string[], renewedAtWallMs: now.wallMs };
      const source = {
        look: async () => ({
          ...{ view: next.view, now: { ...now, wallMs: next.wallMs }, notes: next.notes, version: "1" },
          leader: { instance: "a", renewedAtWallMs: next.renewedAtWallMs, isAlive: true },
          servedBy: { instance: "a", node: null, isLeader: true },
          configSource: "",
        }),
      };
      const feed = new WardFeed(source, clock, new AbortController().signal);
      let { ward } = await feed.latest();
      for (const { afterMs, isOneLess, notes, renewedAgoMs } of looks) {
        const wallMs = next.wallMs + afterMs;
        const of = isOneLess ? withoutOne(next.view) : next.view;
        next = { view: of, wallMs, notes, renewedAtWallMs: wallMs - renewedAgoMs };
        await clock.advance(20_000);
        const after = (await feed.latest()).ward;
        const isSame = plainlyShown(after) === plainlyShown(ward);
        expect(after.revision - ward.revision).toBe(isSame ? 0 : 1);
        same += isSame ? 1 : 0;
        ward = after;
      }
    }),
    { numRuns: 150 },
  );
  expect(same).toBeGreaterThan(10);
});
