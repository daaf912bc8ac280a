import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { startChromium } from "./chromium.ts";
import { type DemoOnPage, startDemoOnPage, token } from "./demo-on-page.ts";

/** What one look at a bed of the ward sees. */
interface Look {
  readonly state: string;
  /** Said before the clock. */
  readonly label: string;
  readonly clock: string;
  readonly evidence: string;
}

let browser: Browser;
let demo: DemoOnPage;
let page: Page;
const faults: string[] = [];

beforeAll(async () => {
  [browser, demo] = await Promise.all([startChromium(), startDemoOnPage()]);
  page = await browser.newPage({ viewport: { width: 1_440, height: 1_000 } });
  page.on("pageerror", (error) => faults.push(String(error)));
  await page.goto(demo.url);
  await page.evaluate("globalThis.sameDocument = true");
});

afterAll(async () => {
  await browser?.close();
  await demo?.[Symbol.asyncDispose]();
});

const headline = () => page.locator("h1").textContent();
const bed = (node: string) => page.locator(`.ward [data-node="${node}"]`);
const pull = (node: string) => page.getByRole("button", { name: `Pull the plug of ${node}` }).click();

/** Of the newest repair that has ended; empty before there is one. */
const lastRepair = async () => (await page.locator(".past-repair").allTextContents())[0] ?? "";

async function lookAt(node: string): Promise<Look> {
  const text = async (selector: string) => (await bed(node).locator(selector).allTextContents()).join(" ");
  return {
    state: await text(".state"),
    label: await text(".clock-label"),
    clock: await text(".clock-time:visible"),
    evidence: await text(".evidence-list"),
  };
}

/** What a countdown showed, in order. */
function secondsOf(seen: readonly Look[], label: string): number[] {
  const clocks = seen.filter((look) => look.label === label).map(({ clock }) => /^(\d+):(\d\d)$/.exec(clock));
  return clocks.filter((match) => match !== null).map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds));
}

test("a plug pulled on the page: countdown, proof of power-off, release and return are seen without a reload", async () => {
  await eventually("a calm ward", async () => (await headline()) === "All 6 nodes are well");
  await pull("worker-1");
  const seen: Look[] = [];
  await eventually(
    "worker-1 is healed",
    async () => {
      if (await bed("worker-1").isVisible())
        seen.push(await lookAt("worker-1").catch(() => ({ state: "", label: "", clock: "", evidence: "" })));
      return (await lastRepair()).includes("worker-1 healed");
    },
    { withinMs: 100_000, everyMs: 150 },
  );
  const states = [...new Set(seen.map(({ state }) => state.split(",")[0]))];
  expect(states).toEqual(expect.arrayContaining(["Releasing", "Recovering"]));
  // a machine that is found off at once has its repair at once: the countdown is then the one to its being switched on
  const untilRepair = secondsOf(seen, "repair may begin in");
  const untilSwitchedOn = secondsOf(seen, "waits for");
  expect(new Set([...untilRepair, ...untilSwitchedOn]).size).toBeGreaterThan(2);
  for (const seconds of [untilRepair, untilSwitchedOn]) expect(seconds).toEqual(seconds.toSorted((a, b) => b - a));
  expect(seen.find(({ state, evidence }) => /^Releasing/.test(state) && /Off/.test(evidence))).toBeDefined();
  await eventually("a calm ward again", async () => (await headline()) === "All 6 nodes are well");
  const phases = await lastRepair();
  for (const phase of ["Fencing", "Releasing", "Restoring", "Recovering"])
    expect(phases).toMatch(new RegExp(`${phase} [\\d.]+ `));
  expect(await page.evaluate("globalThis.sameDocument")).toBe(true);
  expect(faults).toEqual([]);
});

test("the product's own server knows neither plugs nor the demo's files", async () => {
  const statusOf = async (path: string, init?: RequestInit) =>
    (await fetch(`${demo.productUrl()}${path}`, init)).status;
  expect(await statusOf("")).toBe(200);
  expect(await statusOf("demo/machines")).toBe(404);
  expect(await statusOf("assets/demo.js")).toBe(404);
  const init = { method: "POST", headers: { "x-aceso-request": "1" } };
  expect(await statusOf("demo/machines/worker-1/plug", init)).toBe(404);
  expect(demo.isOn("worker-1")).toBe(true);
});

test("a pause from the page stops a countdown, and a resume lets it go on", async () => {
  await pull("worker-2");
  await bed("worker-2").getByRole("button", { name: "Pause" }).click();
  await page.getByLabel("Bearer token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).last().click();
  await page.getByLabel("Reason").fill("looking at it first");
  await page.getByRole("button", { name: "Pause worker-2" }).click();
  await eventually("the clock stands", async () => /paused/.test((await lookAt("worker-2")).clock));
  expect(await bed("worker-2").locator(".paused-line").textContent()).toMatch(
    /^worker-2 is paused by ada@demo, until .*\. Reason: looking at it first$/,
  );
  await eventually(
    "the countdown would be over",
    async () => /more than its/.test((await bed("worker-2").textContent()) ?? ""),
    {
      withinMs: 60_000,
    },
  );
  expect((await lookAt("worker-2")).clock).toBe("paused");
  expect(demo.phaseOf("worker-2")).toBeUndefined();
  expect(demo.isOn("worker-2")).toBe(false);

  await bed("worker-2").getByRole("button", { name: "Resume" }).click();
  await page.getByRole("button", { name: "Resume worker-2" }).click();
  await eventually("worker-2 is healed", async () => (await lastRepair()).includes("worker-2 healed"), {
    withinMs: 80_000,
  });
  expect(faults).toEqual([]);
});
