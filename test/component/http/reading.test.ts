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

test("every answer keeps scripts, frames and caches of others out, also a refusal", async () => {
  await using rig = await pageRig();
  for (const path of ["/", "/assets/page.js", "/api/v1/ward", "/api/v1/nodes/nowhere", "/metrics", "/nowhere"]) {
    const { headers } = await rig.ask(path);
    expect(headers["content-security-policy"]).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
      "cache-control": ["/", "/assets/page.js"].includes(path) ? "no-cache" : "no-store",
    });
    expect(headers["set-cookie"]).toBeUndefined();
  }
});

test("a file that the browser has already is not sent again, and HEAD sends none", async () => {
  await using rig = await pageRig();
  const { headers, text } = await rig.ask("/assets/page.js");
  const again = await rig.ask("/assets/page.js", { headers: { "if-none-match": `W/"x", ${headers.etag}` } });
  expect([again.status, again.text, again.headers.etag]).toEqual([304, "", headers.etag]);
  expect((await rig.ask("/assets/page.js", { headers: { "if-none-match": '"older"' } })).text).toBe(text);
  const head = await rig.ask("/assets/page.js", { method: "HEAD" });
  expect([head.status, head.text, head.headers["content-length"]]).toEqual([200, "", String(text.length)]);
});
