import { expect, test } from "vitest";
import { actOn, changesSeen, makeOpenStack, never, nodeOf } from "../../../support/openstack-provider.ts";
import { healedCluster, pick, thrownBy } from "../../../support/openstack-provider-contract/scene.ts";
import { simulatedCloud } from "./simulated.ts";

test("a stack is not updated when another machine was marked while it was asked whether it may be", async () => {
  await using cloud = await simulatedCloud();
  const { stackId, workers } = await healedCluster(cloud, "k8s", 1, 2);
  const [one, other] = [pick(workers, 0).id, pick(workers, 1).id];
  const section = { stack: stackId };
  const [provider, somebody] = [await makeOpenStack(cloud, { section }), await makeOpenStack(cloud, { section })];
  const planOf = async (machine: string) => (await provider.replacement?.plan(machine, nodeOf(machine), never)) ?? "";
  const [plan, otherPlan] = [await planOf(one), await planOf(other)];
  let asked = 0;
  // Cut short right after the mark, so that it stays.
  const end = new AbortController();
  const marksOnly = actOn(other, {
    signal: end.signal,
    mayAct: async () => {
      asked += 1;
      if (asked === 2) end.abort();
    },
  });
  let isMarked = false;
  const mayAct = async () => {
    if (!isMarked) await thrownBy(() => somebody.replace?.(marksOnly, otherPlan));
    isMarked = true;
  };
  expect(await thrownBy(() => provider.replace?.(actOn(one, { mayAct }), plan))).toMatchObject({
    remedy: "ask-operator",
    message: expect.stringContaining("would replace others, too"),
  });
  expect(changesSeen(cloud, /stacks\/[^/]+\/[^/]+$/)).toBe(0);
});
