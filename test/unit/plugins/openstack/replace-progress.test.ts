import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ReplacePlan, readPlan, writePlan } from "../../../../plugins/providers/openstack/replace-plan.ts";
import {
  progressFrom,
  type ReplaceFacts,
  successorIn,
} from "../../../../plugins/providers/openstack/replace-progress.ts";
import type { ServerRow } from "../../../../plugins/providers/openstack/stack.ts";

const root = { name: "k8s-abc", id: "root" };
const resize: ReplacePlan = { how: "resize", root, group: undefined, count: 3, highest: 2 };
const update: ReplacePlan = { how: "update", root, home: { name: "k8s-abc-1", id: "home-1" }, resource: "kube-master" };

const worker = (serverId: string, index: number): ServerRow => ({
  ...{ serverId, resource: "kube-minion", status: "CREATE_COMPLETE", index },
  home: { name: `node-${index}`, id: `home-of-${index}` },
});
const master = (serverId: string, home = "home-1", status = "CREATE_COMPLETE"): ServerRow => ({
  ...{ serverId, resource: "kube-master", status, index: 1 },
  home: { name: "k8s-abc-1", id: home },
});
const facts = (fields: Partial<ReplaceFacts> & { readonly stackStatus?: string }): ReplaceFacts => ({
  stack: { ...root, status: fields.stackStatus ?? "UPDATE_COMPLETE", reason: "why" },
  ...{ groupStatus: undefined, rows: [], isOldThere: true, isSuccessorThere: false },
  ...fields,
});
const before = [worker("old", 0), worker("b", 1), worker("c", 2)];
const after = [worker("b", 1), worker("c", 2), worker("new", 3)];

describe("a resize that replaces a worker", () => {
  test.each([
    ["not-begun", "nothing shows yet, whatever was accepted", { rows: before, groupStatus: "UPDATE_COMPLETE" }],
    ["under-way", "Heat works on it", { rows: before, stackStatus: "UPDATE_IN_PROGRESS" }],
    [
      "under-way",
      "Heat works on it, and both are there",
      { rows: [...before, worker("new", 3)], stackStatus: "UPDATE_IN_PROGRESS" },
    ],
    [
      "under-way",
      "Heat is done, Magnum has not noticed",
      { rows: after, isOldThere: false, isSuccessorThere: true, groupStatus: "UPDATE_IN_PROGRESS" },
    ],
    [
      "failed",
      "all are at rest and Nova does not have the successor: it was deleted by hand, nobody makes another one",
      { rows: after, isOldThere: false, groupStatus: "UPDATE_COMPLETE" },
    ],
    [
      "done",
      "old gone, new there, both at rest",
      { rows: after, isOldThere: false, isSuccessorThere: true, groupStatus: "UPDATE_COMPLETE" },
    ],
    [
      "failed",
      "a new one came, the old one did not go",
      { rows: [...before, worker("new", 3)], isSuccessorThere: true, groupStatus: "UPDATE_COMPLETE" },
    ],
    ["failed", "Heat gave up", { rows: before, stackStatus: "UPDATE_FAILED" }],
    ["failed", "Magnum gave up", { rows: before, groupStatus: "UPDATE_FAILED" }],
    [
      "not-begun",
      "the old one was deleted by hand",
      { rows: before, isOldThere: false, groupStatus: "UPDATE_COMPLETE" },
    ],
  ] as const)("is %s when %s", (state, _about, fields) => {
    const read = facts(fields);
    expect(progressFrom(read, resize, "old")).toMatchObject({ state, isOldGone: !read.isOldThere });
  });

  test("the successor is the first new index, also when another node was replaced since", () => {
    expect(successorIn([...after, worker("later", 4)], resize, "old")).toBe("new");
    expect(successorIn(before, resize, "old")).toBeUndefined();
  });

  test("masters in the same stack are never its successors", () => {
    expect(successorIn([...before, { ...master("m"), index: 7 }], resize, "old")).toBeUndefined();
  });
});

describe("an update that replaces a master", () => {
  test.each([
    ["not-begun", "nothing happened", { rows: [master("old")] }],
    ["not-begun", "it is marked, the update was never asked for", { rows: [master("old", "home-1", "CHECK_FAILED")] }],
    ["under-way", "Heat works on it", { rows: [master("old"), master("new")], stackStatus: "UPDATE_IN_PROGRESS" }],
    ["done", "another server is in its place", { rows: [master("new")], isOldThere: false, isSuccessorThere: true }],
    ["failed", "Heat gave up", { rows: [master("old")], stackStatus: "UPDATE_FAILED" }],
    ["failed", "the old one was left behind", { rows: [master("new")], isSuccessorThere: true }],
  ] as const)("is %s when %s", (state, _about, fields) => {
    expect(progressFrom(facts(fields), update, "old").state).toBe(state);
  });

  test("another master is not its successor", () => {
    expect(successorIn([master("old"), master("other", "home-2")], update, "old")).toBeUndefined();
  });

  test("a mark is told", () => {
    const rows = [master("old", "home-1", "CHECK_FAILED")];
    expect(progressFrom(facts({ rows }), update, "old").text).toContain("is still there, marked unhealthy");
  });
});

test("the words tell the stack, the old and the new one", () => {
  const read = facts({ rows: after, isOldThere: false, isSuccessorThere: true, groupStatus: "UPDATE_COMPLETE" });
  expect(progressFrom(read, resize, "old").text).toBe(
    "stack k8s-abc UPDATE_COMPLETE, node group default-worker UPDATE_COMPLETE; server old is gone; successor new",
  );
});

test("nothing is done before the old machine is gone, the successor there, and everybody at rest", () => {
  const status = fc.constantFrom("UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_FAILED", "CREATE_COMPLETE");
  const rows = fc.subarray([worker("old", 0), worker("b", 1), worker("new", 3)]);
  const read = fc.record({
    ...{ stackStatus: status, groupStatus: fc.option(status, { nil: undefined }), rows },
    ...{ isOldThere: fc.boolean(), isSuccessorThere: fc.boolean() },
  });
  fc.assert(
    fc.property(read, (fields) => {
      const progress = progressFrom(facts(fields), resize, "old");
      const isAtRest = [fields.stackStatus, fields.groupStatus ?? "X_COMPLETE"].every((it) => it.endsWith("_COMPLETE"));
      const isThere = fields.rows.some(({ serverId }) => serverId === "new") && fields.isSuccessorThere;
      expect(progress.state === "done").toBe(isAtRest && isThere && !fields.isOldThere);
      expect(progress.isOldGone).toBe(!fields.isOldThere);
    }),
  );
});

describe("a plan", () => {
  test.each([
    ["resize", resize],
    ["a further group's resize", { ...resize, group: "extra" }],
    ["update", update],
  ] as const)("of a %s is read as it was written, and fits the journal", (_about, plan) => {
    expect(readPlan(writePlan(plan))).toEqual(plan);
    expect(writePlan(plan).length).toBeLessThanOrEqual(1_024);
  });

  test.each([
    undefined,
    "",
    "{}",
    "null",
    "[1]",
    '{"v":2,"how":"resize"}',
    '{"v":1,"how":"resize","root":{"name":"a"}}',
  ])("that reads %s asks a person", (text) => {
    expect(() => readPlan(text)).toThrow("cannot be read");
  });

  test("with names too long for the journal is refused", () => {
    const long = { name: "x".repeat(600), id: "i" };
    expect(() => writePlan({ ...update, root: long, home: long })).toThrow("longer than 1024");
  });
});
