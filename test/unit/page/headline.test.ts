import { describe, expect, test } from "vitest";
import { headlineOf } from "../../../src/page/headline.ts";
import { around, calmWard, heldPatient, watchedPatient } from "../../support/ward-builders.ts";

const at = around(Date.UTC(2026, 0, 1));

describe("the headline", () => {
  test("of a healthy cluster is calm and says who looks", () => {
    expect(headlineOf(calmWard(at))).toMatchObject({
      tone: "well",
      title: "All 6 nodes are well",
      detail: "Nothing needs to be done. aceso-1 leads. 2 of 2 observers are fresh.",
    });
  });

  test("names the one node that is not well, and what is done about it", () => {
    const patients = [watchedPatient(at, "worker-3", { state: "Fencing" })];
    const ward = calmWard(at, { patients, nodes: { total: 6, notWell: 1, byState: { Well: 5, Fencing: 1 } } });
    expect(headlineOf(ward)).toMatchObject({ tone: "act", title: "worker-3 is under repair: Fencing" });
    expect(headlineOf(ward).detail).toMatch(/^The other 5 nodes are well\./);
  });

  test("counts when there are several, and takes the tone of the worst", () => {
    const patients = [heldPatient(at, "worker-3"), watchedPatient(at, "worker-4")];
    const byState = { Well: 4_998, Held: 1, Watched: 1 };
    const headline = headlineOf(calmWard(at, { patients, nodes: { total: 5_000, notWell: 2, byState } }));
    expect(headline).toMatchObject({ tone: "hold", title: "2 of 5,000 nodes are not well" });
    expect(headline.counts.map(({ count, word }) => `${count} ${word}`)).toEqual(["1 held", "1 watched", "4998 well"]);
  });

  test("a cluster that nobody leads or that is paused is told so, even when every node is well", () => {
    const pause = { scope: "cluster", node: null, reason: "upgrade", by: null, until: null } as const;
    expect(headlineOf(calmWard(at, { leader: null, pauses: [pause] })).detail).toBe(
      "Nothing needs to be done. Aceso is paused. Nobody leads. 2 of 2 observers are fresh.",
    );
  });

  test("a state that this page does not know is shown, not dropped", () => {
    const byState = { Well: 5, Dreaming: 1 };
    const patients = [watchedPatient(at, "worker-3", { state: "Dreaming" as never })];
    const { counts } = headlineOf(calmWard(at, { patients, nodes: { total: 6, notWell: 1, byState } }));
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(6);
  });
});
