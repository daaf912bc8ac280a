import { expect, test } from "vitest";
import type { Ward } from "../../../src/http/ward.ts";
import { pageRig } from "./page-rig.ts";

test("the leader serves the ward, the page and its files", async () => {
  await using rig = await pageRig();
  const { status, headers, text } = await rig.ask("/api/v1/ward");
  expect(status).toBe(200);
  expect(headers["content-type"]).toBe("application/json");
  const ward = JSON.parse(text) as Ward;
  expect(ward).toMatchObject({
    nodes: { total: 3 },
    servedBy: { isLeader: true, instance: "replica-1" },
    isDryRun: true,
  });
  expect(ward.leader).toMatchObject({ instance: "replica-1", isAlive: true });
  expect((await rig.ask("/")).text).toContain("<title>page</title>");
  expect((await rig.ask("/assets/page.js")).headers["content-type"]).toBe("text/javascript; charset=utf-8");
});

test("a follower reads what it shows while somebody looks", async () => {
  await using rig = await pageRig({ isFollower: true });
  expect(rig.source.isFollowing).toBe(false);
  const ward = JSON.parse((await rig.ask("/api/v1/ward")).text) as Ward;
  expect(ward).toMatchObject({ nodes: { total: 3 }, servedBy: { isLeader: false } });
  expect(ward.leader).toMatchObject({ instance: "replica-0", isAlive: true });
  expect(rig.source.isFollowing).toBe(true);
});
