import { beforeAll, describe, expect, test } from "vitest";
import type { Provider, ReplaceProgress } from "../../../src/plugin-api/index.ts";
import type { CloudCluster } from "../openstack-cloud.ts";
import { actOn, changesSeen, makeOpenStack, never, nodeOf } from "../openstack-provider.ts";
import type { CloudOf } from "../openstack-provider-contract.ts";
import { healedCluster, observe, pick, testMs, thrownBy, wait } from "./scene.ts";

/**
 * New machines for old ones, through Magnum and through Heat.
 *
 * @param playsRepeats also what the scenarios of a whole cluster on the real services play
 */
export function describeReplacing(theCloud: CloudOf, playsRepeats: boolean): void {
  describe("a replacement", () => {
    let cluster: CloudCluster;
    let provider: Provider;
    const now = () => theCloud().cluster(cluster.uuid);
    const idsOf = ({ masters, workers }: CloudCluster) => [...masters, ...workers].map(({ id }) => id);

    beforeAll(async () => {
      cluster = await healedCluster(theCloud(), "replaced", 1, 2);
      provider = await makeOpenStack(theCloud(), { clusterName: cluster.uuid });
    }, testMs);

    const planOf = async (machine: string, by = provider) =>
      (await by.replacement?.plan(machine, nodeOf(machine), never)) ?? "";

    /** Every state that it showed, in order; ends with done or failed. */
    const followed = async (machine: string, plan: string, by = provider) => {
      const seen: ReplaceProgress[] = [];
      const end = await wait(`${machine} is replaced`, async () => {
        const progress = await by.replacement?.follow(machine, plan, never);
        if (progress !== undefined) seen.push(progress);
        return progress?.state === "done" || progress?.state === "failed" ? progress : undefined;
      });
      return { end, states: [...new Set(seen.map(({ state }) => state))] };
    };

    if (playsRepeats) {
      test("of a worker is one resize of Magnum: one server goes, one comes, the others stay", {
        timeout: testMs,
      }, async () => {
        const before = await now();
        const old = pick(before.workers, 0);
        const plan = await planOf(old.id);
        const resizes = changesSeen(theCloud(), /actions\/resize/);
        const act = actOn(old.id);
        await provider.replace?.(act, plan);
        await provider.replace?.(act, plan);
        const { end, states } = await followed(old.id, plan);
        // Magnum goes on reading COMPLETE for seconds: nothing seen yet is no end.
        expect(states.at(-1)).toBe("done");
        expect(states.slice(0, -1)).toEqual(expect.arrayContaining(["under-way"]));
        const after = await now();
        expect(end).toMatchObject({ isOldGone: true, successor: expect.any(String) });
        expect(idsOf(after).toSorted()).toEqual(
          [...idsOf(before).filter((id) => id !== old.id), end.successor].toSorted(),
        );
        expect(changesSeen(theCloud(), /actions\/resize/)).toBe(resizes + 1);
        expect(await provider.identify(nodeOf(end.successor ?? ""), never)).toBe(end.successor);
        expect(await observe(provider, old.id)).toMatchObject({ power: "off", text: expect.stringMatching(/^gone/) });
      });

      test("whose answer is lost is followed by another process from the plan alone, and asked for once", {
        timeout: testMs,
      }, async () => {
        const old = pick((await now()).workers, 0);
        const plan = await planOf(old.id);
        const resizes = changesSeen(theCloud(), /actions\/resize/);
        theCloud().loseNextAnswer("magnum", "POST", /actions\/resize/);
        expect(await thrownBy(() => provider.replace?.(actOn(old.id), plan))).toMatchObject({ remedy: "re-read" });
        const successor = await makeOpenStack(theCloud(), { clusterName: cluster.uuid });
        expect((await followed(old.id, plan, successor)).end).toMatchObject({ state: "done", isOldGone: true });
        expect(changesSeen(theCloud(), /actions\/resize/)).toBe(resizes + 1);
      });

      test("of a master is a mark and an update of Heat: its name and address stay, the workers too", {
        timeout: testMs,
      }, async () => {
        const before = await now();
        const old = pick(before.masters, 0);
        const plan = await planOf(old.id);
        await provider.replace?.(actOn(old.id), plan);
        const { end } = await followed(old.id, plan);
        expect(end).toMatchObject({ state: "done", isOldGone: true });
        const after = await now();
        expect(after.masters.map(({ id, name, ip }) => [id, name, ip])).toEqual([[end.successor, old.name, old.ip]]);
        expect(after.workers.map(({ id }) => id)).toEqual(before.workers.map(({ id }) => id));
      });
    }

    test("is asked for alone: of two at the same moment one waits, though Magnum and Heat still read COMPLETE", {
      timeout: testMs,
    }, async () => {
      const before = await now();
      const [one, other] = [pick(before.workers, 0).id, pick(before.workers, 1).id];
      const plans = [await planOf(one), await planOf(other)] as const;
      const resizes = changesSeen(theCloud(), /actions\/resize/);
      const asked = await Promise.allSettled([
        provider.replace?.(actOn(one), plans[0]),
        provider.replace?.(actOn(other), plans[1]),
      ]);
      const refused = asked.flatMap((it) => (it.status === "rejected" ? [it.reason] : []));
      expect(refused).toEqual([expect.objectContaining({ remedy: "retry" })]);
      expect(changesSeen(theCloud(), /actions\/resize/)).toBe(resizes + 1);
      const [machine, plan] =
        asked[0].status === "fulfilled" ? ([one, plans[0]] as const) : ([other, plans[1]] as const);
      expect((await followed(machine, plan)).end).toMatchObject({ state: "done", isOldGone: true });
    });

    test("that was marked, its update never asked for, may be begun anew; meanwhile no other is", {
      timeout: testMs,
    }, async () => {
      const before = await now();
      const [marked, other] = [pick(before.masters, 0), pick(before.workers, 0)];
      const [plan, otherPlan] = [await planOf(marked.id), await planOf(other.id)];
      let asked = 0;
      const end = new AbortController();
      const twice = actOn(marked.id, {
        signal: end.signal,
        mayAct: async () => {
          asked += 1;
          if (asked < 2) return;
          end.abort();
          throw new Error("leadership is over");
        },
      });
      await expect(provider.replace?.(twice, plan)).rejects.toThrow(/^leadership is over; its mark in Heat stayed/);
      expect(await provider.replacement?.follow(marked.id, plan, never)).toMatchObject({
        state: "not-begun",
        text: expect.stringContaining("marked unhealthy"),
      });
      const changes = changesSeen(theCloud());
      expect(await thrownBy(() => provider.replace?.(actOn(other.id), otherPlan))).toMatchObject({
        remedy: "ask-operator",
        message: expect.stringContaining("would replace others, too"),
      });
      expect(changesSeen(theCloud())).toBe(changes);
      await provider.replace?.(actOn(marked.id), plan);
      expect((await followed(marked.id, plan)).end).toMatchObject({ state: "done", isOldGone: true });
    });

    test("in a stack of Heat without Magnum is a mark and an update for workers, too", {
      timeout: testMs,
    }, async () => {
      const plain = await makeOpenStack(theCloud(), { section: { stack: cluster.stackId } });
      const before = await now();
      const old = pick(before.workers, 0);
      const plan = await planOf(old.id, plain);
      await plain.replace?.(actOn(old.id), plan);
      const { end } = await followed(old.id, plan, plain);
      expect(end).toMatchObject({ state: "done", isOldGone: true });
      const after = await now();
      expect(after.workers.map(({ name, ip }) => [name, ip])).toEqual(before.workers.map(({ name, ip }) => [name, ip]));
      expect(after.workers.map(({ id }) => id)).toContain(end.successor);
    });

    test("of a machine outside the stacks is given up", { timeout: testMs }, async () => {
      const outside = await theCloud().createServer("not-replaced");
      expect(await thrownBy(() => planOf(outside.id))).toMatchObject({ remedy: "give-up" });
    });
  });
}
