import { beforeEach, expect, test } from "vitest";
import type { Act, Provider } from "../../../../src/plugin-api/index.ts";
import type { SimulatedCloud } from "../../../sim/openstack/cloud.ts";
import { actOn, changesSeen, makeOpenStack, never, nodeOf } from "../../../support/openstack-provider.ts";
import { healedCluster, pick, thrownBy } from "../../../support/openstack-provider-contract/scene.ts";
import { simulatedCloud } from "./simulated.ts";

const onResource = /resources\/[^/]+$/;
const onStack = /stacks\/[^/]+\/[^/]+$/;

let cloud: SimulatedCloud;
let provider: Provider;
let machine: string;
let plan: string;

beforeEach(async () => {
  cloud = await simulatedCloud();
  const { stackId, workers } = await healedCluster(cloud, "k8s", 1, 2);
  machine = pick(workers, 0).id;
  provider = await makeOpenStack(cloud, { section: { stack: stackId } });
  plan = (await provider.replacement?.plan(machine, nodeOf(machine), never)) ?? "";
  return async () => {
    await provider.close?.();
    await cloud[Symbol.asyncDispose]();
  };
});

const replace = (fields: Partial<Act> = {}) => thrownBy(() => provider.replace?.(actOn(machine, fields), plan));
const isMarked = async () =>
  (await provider.replacement?.follow(machine, plan, never))?.text.includes("marked unhealthy");

/** Does something the second time that it is asked whether it may: after the mark, before the update. */
function afterMark(act: () => void): Pick<Act, "mayAct"> {
  let asked = 0;
  return {
    mayAct: async () => {
      asked += 1;
      if (asked === 2) act();
    },
  };
}

function markByHand(): void {
  for (const { groups } of cloud.state.stacks.all.values()) {
    for (const member of groups.flatMap(({ members }) => members)) {
      if (member.server?.id !== machine) continue;
      Object.assign(member, { isMarked: true, status: "CHECK_FAILED", reason: "its operator renews it" });
    }
  }
}

const refuse = () => {
  throw new Error("it is paused");
};

test("the mark of an update that may not be asked for is taken back", async () => {
  expect(await replace(afterMark(refuse))).toMatchObject({ message: "it is paused" });
  expect(await isMarked()).toBe(false);
  expect(changesSeen(cloud, onStack)).toBe(0);
});

test.each([409, 403])("so is that of an update that Heat answers with %i", async (status) => {
  cloud.answerNext("heat", "PATCH", onStack, { status });
  expect(await replace()).toMatchObject({ message: expect.stringContaining(String(status)) });
  expect(await isMarked()).toBe(false);
});

test("a mark that stays is told of, with the command that takes it away", async () => {
  const end = new AbortController();
  const cut = afterMark(() => {
    end.abort();
    refuse();
  });
  expect(await replace({ ...cut, signal: end.signal })).toMatchObject({
    remedy: "retry",
    message: expect.stringMatching(/^it is paused; its mark in Heat stayed .*mark unhealthy --reset \S+ kube-minion$/),
  });
  expect(await isMarked()).toBe(true);
});

test("a mark that Heat does not take back is told of with Heat's words", async () => {
  const refuseBoth = afterMark(() => {
    cloud.answerNext("heat", "PATCH", onResource, { status: 409 });
    refuse();
  });
  expect(await replace(refuseBoth)).toMatchObject({ message: expect.stringMatching(/its mark in Heat stayed .*409/) });
});

test("an update whose outcome is unknown keeps its mark", async () => {
  cloud.loseNextAnswer("heat", "PATCH", onStack);
  expect(await replace()).toMatchObject({ remedy: "re-read" });
  expect(changesSeen(cloud, onResource)).toBe(1);
});

test("so does one that Heat answered with 500", async () => {
  cloud.answerNext("heat", "PATCH", onStack, { status: 500 });
  expect(await replace()).toMatchObject({ remedy: "re-read" });
  expect(changesSeen(cloud, onResource)).toBe(1);
});

test("somebody else's mark stays", async () => {
  markByHand();
  expect(await replace(afterMark(refuse))).toMatchObject({ message: "it is paused" });
  expect(await isMarked()).toBe(true);
});

test("the mark of an earlier attempt of ours is ours", async () => {
  const end = new AbortController();
  await replace({
    ...afterMark(() => {
      end.abort();
      refuse();
    }),
    signal: end.signal,
  });
  await replace(afterMark(refuse));
  expect(await isMarked()).toBe(false);
});
