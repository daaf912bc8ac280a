import { type IncomingMessage, request } from "node:http";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import type { Ward } from "../../../src/http/ward.ts";
import { eventually } from "../../support/eventually.ts";
import { type PageRig, pageRig } from "./page-rig.ts";

const mergePatch = "application/merge-patch+json";

interface Event {
  readonly name: string;
  readonly data: string;
  readonly atMonoMs: number;
}

/** A page that reads the stream. */
async function openPage({ port }: PageRig) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path: "/api/v1/ward/stream", agent: false }, resolve);
    call.once("error", reject);
    call.end();
  });
  const events: Event[] = [];
  let rest = "";
  answer.setEncoding("utf8");
  answer.on("data", (part: string) => {
    const blocks = (rest + part).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const name = /^event: (.*)$/m.exec(block)?.[1] ?? "";
      events.push({ name, data: /^data: (.*)$/m.exec(block)?.[1] ?? "", atMonoMs: systemClock.now().monoMs });
    }
  });
  answer.on("error", () => undefined);
  const wards = () => events.filter(({ name }) => name === "ward").map(({ data }) => JSON.parse(data) as Ward);
  return { answer, events, wards };
}

test("a page hears of a change within moments, of each state once, and at most once a second", async () => {
  await using rig = await pageRig();
  const { answer, events, wards } = await openPage(rig);
  expect(answer.headers["content-type"]).toBe("text/event-stream");
  await eventually("the first ward", () => wards().length > 0);
  const begunAt = systemClock.now().monoMs;
  for (let i = 0; i < 100; i++) {
    const annotations = { "aceso.dev/paused": `reason ${i}` };
    rig.kube.call("PATCH", "/api/v1/nodes/n2", { metadata: { annotations } }, mergePatch);
    await rig.ask("/api/v1/nodes/n2");
  }
  await eventually("the last reason", () => wards().at(-1)?.pauses[0]?.reason === "reason 99");
  const revisions = wards().map(({ revision }) => revision);
  expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
  const tookMs = systemClock.now().monoMs - begunAt;
  expect(events.length).toBeLessThanOrEqual(2 + tookMs / 1_000);
  answer.destroy();
});

test("a few pages are served at a time, and a place is free again when one closes", async () => {
  await using rig = await pageRig({ limits: { maxStreams: 2 } });
  const pages = [await openPage(rig), await openPage(rig)];
  const third = await rig.ask("/api/v1/ward/stream");
  expect([third.status, third.headers["retry-after"]]).toEqual([503, "10"]);
  pages[0]?.answer.destroy();
  const again = await eventually("a free place", async () => {
    const page = await openPage(rig);
    if (page.answer.statusCode === 200) return page;
    page.answer.destroy();
    return undefined;
  });
  for (const page of [...pages, again]) page.answer.destroy();
});

/** Long reasons on many nodes: more than the kernel holds for a reader that does not read. */
async function longWard(rig: PageRig): Promise<number> {
  for (const { metadata } of rig.kube.store.list("nodes")) {
    const annotations = { "aceso.dev/paused": "x".repeat(20_000) };
    rig.kube.call("PATCH", `/api/v1/nodes/${metadata.name}`, { metadata: { annotations } }, mergePatch);
  }
  return eventually("long reasons", async () => {
    const { length } = (await rig.ask("/api/v1/ward")).text;
    return length > 7_000_000 && length;
  });
}

const manyNodes = Array.from({ length: 400 }, (_, i) => `n${i}`);

/** Somebody who asks and does not read. */
async function askDeafly(rig: PageRig, path: string) {
  const socket = await rig.raw();
  socket.pause();
  socket.on("error", () => undefined);
  const lost = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return { socket, lost };
}

test("a page that does not read is dropped, and holds one event at most", async () => {
  await using rig = await pageRig({ nodes: manyNodes, limits: { maxStreams: 1, slowReaderMs: 1_500 } });
  const length = await longWard(rig);
  const { socket, lost } = await askDeafly(rig, "/api/v1/ward/stream");
  const next = async () => {
    const page = await openPage(rig);
    page.answer.destroy();
    return page.answer.statusCode;
  };
  await eventually("the only place taken", async () => (await next()) === 503);
  await eventually("the place free again", async () => (await next()) === 200);
  let bytes = 0;
  socket.on("data", (part: Buffer) => {
    bytes += part.length;
  });
  socket.resume();
  await lost;
  expect(bytes).toBeLessThan(length * 1.1);
});

test("whoever does not read an answer loses the connection", async () => {
  await using rig = await pageRig({ nodes: manyNodes, limits: { maxConnections: 1, idleTimeoutMs: 1_000 } });
  await longWard(rig);
  const { socket } = await askDeafly(rig, "/api/v1/ward");
  await expect(rig.ask("/api/v1/nodes")).rejects.toThrow(/ECONNRESET|socket hang up/);
  await eventually("the connection free again", async () => (await rig.ask("/api/v1/nodes")).status === 200);
  socket.destroy();
});

test("a stream ends by itself after its time, so that its reader is asked anew who he is", async () => {
  await using rig = await pageRig({ limits: { longestStreamMs: 500 } });
  const { answer } = await openPage(rig);
  answer.resume();
  await new Promise<void>((resolve) => answer.once("end", () => resolve()));
  expect(answer.complete).toBe(true);
});

test("a page is told when the cluster cannot be read, and what was shown stays", async () => {
  await using rig = await pageRig({ isFollower: true });
  const path = /kube-node-lease/;
  rig.kube.faults.add({ match: { path }, fault: { kind: "answer", code: 403, reason: "Forbidden" }, times: 9_999 });
  const { status, text } = await rig.ask("/api/v1/ward");
  expect(status).toBe(503);
  expect(JSON.parse(text).message).toContain("could not be read");
}, 20_000);
