import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { NodeName } from "../../../src/core/model.ts";
import { eventually } from "../../support/eventually.ts";
import { goodToken, type PageServer, startPageServer } from "../../support/page-server.ts";
import { around, calmWard, heldPatient, watchedPatient } from "../../support/ward-builders.ts";
import { startChromium } from "./chromium.ts";
import { manyBeds } from "./wards.ts";

const hourS = 3_600;

let browser: Browser;
let server: PageServer;
let page: Page;
let faults: string[];
/** Counts up, so that each ward is news. */
let revision = 10;

beforeAll(async () => {
  [browser, server] = await Promise.all([startChromium(), startPageServer(ward(), manyBeds(5_000))]);
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  await page?.close();
  server.show(ward());
  faults = [];
  page = await browser.newPage({ viewport: { width: 1_200, height: 900 } });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  await page.goto(server.url);
  await page.locator(".beds li").first().waitFor();
});

function ward(changes: Parameters<typeof calmWard>[1] = {}, wallMs = Date.now()) {
  revision += 1;
  return calmWard(around(wallMs), { revision, ...changes });
}

const one = { total: 6, notWell: 1, byState: { Well: 5, Watched: 1 } };
const clock = () => page.locator(".clock-time:visible").first().textContent();

test("what the cluster says is text, whatever is in it", async () => {
  const evil = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
  const at = around(Date.now());
  const patient = heldPatient(at, "worker-1", { sentence: evil, facts: [evil], wouldChange: [evil], reason: evil });
  const pause = { scope: "node", node: "worker-1" as NodeName, reason: evil, by: evil, until: null } as const;
  server.show(ward({ patients: [patient], nodes: one, pauses: [pause], notes: [evil] }));
  await page.getByText(evil).first().waitFor();
  expect(await page.locator("main img, main script").count()).toBe(0);
  expect(await page.title()).not.toContain("owned");
  expect(faults).toEqual([]);
});

test("a countdown runs by the server's clock, however wrong the viewer's is, and is not read out", async () => {
  const serverMs = Date.now() - 7 * hourS * 1_000;
  const at = around(serverMs);
  server.show(
    ward({ patients: [watchedPatient(at, "worker-1", { next: { what: "", at: at(45) } })], nodes: one }, serverMs),
  );
  await page.locator(".patient").waitFor();
  const first = Number((await clock())?.split(":")[1]);
  expect(first).toBeGreaterThan(35);
  expect(first).toBeLessThanOrEqual(45);
  const spoken = page.locator('[role="status"].unseen');
  await eventually("it is said once", async () => (await spoken.textContent()) === "worker-1: Watched.");
  await page.evaluate(`globalThis.said = 0; new MutationObserver(() => { globalThis.said += 1 })
    .observe(document.querySelector('[role="status"].unseen'), { childList: true, characterData: true, subtree: true })`);
  await eventually("three seconds less", async () => Number((await clock())?.split(":")[1]) <= first - 3);
  expect(await page.evaluate("globalThis.said")).toBe(0);
});

test("a lost line is told loudly, with the age of what is shown, and is taken up again by itself", async () => {
  server.cut(true);
  await page.getByText("Connection lost.").waitFor();
  await page.getByText(/What you see is \d+ s old/).waitFor();
  expect(await page.locator("html").getAttribute("class")).toBe("is-stale");
  server.show(ward({ nodes: { total: 7, notWell: 0, byState: { Well: 7 } } }));
  await page.getByText("All 7 nodes are well").waitFor();
  expect(await page.getByText("Connection lost.").count()).toBe(0);
  expect(await page.locator("html").getAttribute("class")).toBe("");
});

test("without a token the page is read-only and says so; a wrong one is refused, a right one is in memory only", async () => {
  await page.getByText("Read-only").waitFor();
  await page.getByRole("button", { name: "Pause all" }).click();
  await page.getByLabel("Bearer token").fill("not-a-token-of-anybody");
  await page.getByRole("button", { name: "Sign in" }).last().click();
  await page.getByText("the API server does not accept this token").waitFor();
  await page.getByLabel("Bearer token").fill(goodToken);
  await page.getByRole("button", { name: "Sign in" }).last().click();
  await page.getByLabel("For how long").selectOption("15m");
  await page.getByLabel("Reason").fill("a test");
  await page.getByRole("button", { name: "Pause the whole cluster" }).click();
  await eventually("the wish", () => server.wishes.at(-1)?.path === "/api/v1/pause");
  expect(server.wishes.at(-1)).toEqual({
    path: "/api/v1/pause",
    authorization: `Bearer ${goodToken}`,
    body: { reason: "a test", for: "15m" },
  });
  const kept = await page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])");
  expect(kept).toBe('[{},{},""]');
  await page.reload();
  await page.getByText("Read-only").waitFor();
});

test("everything can be reached and done with the keyboard alone", async () => {
  const at = around(Date.now());
  server.show(ward({ patients: [watchedPatient(at, "worker-1")], nodes: one }));
  await page.locator(".patient").waitFor();
  const reached: string[] = [];
  for (let steps = 0; steps < 12; steps += 1) {
    await page.keyboard.press("Tab");
    reached.push(
      await page.evaluate<string>(
        "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent",
      ),
    );
  }
  expect(reached.slice(0, 6)).toEqual([
    "Skip to the nodes",
    "Sign in",
    "Pause all",
    "All about worker-1",
    "Pause",
    "Repair now",
  ]);
  await page.getByRole("button", { name: "Repair now" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  expect(await page.getByRole("dialog").count()).toBe(0);
  expect(await page.evaluate("document.activeElement.textContent")).toBe("Repair now");
});

test("of 5,000 nodes the well ones are counted, and any of them is found by name", async () => {
  server.show(ward({ nodes: { total: 5_000, notWell: 0, byState: { Well: 5_000 } } }));
  await page.getByText("All 5,000 nodes are well").waitFor();
  expect(await page.locator(".beds li").count()).toBeLessThanOrEqual(60);
  await page.getByLabel("Find a node").fill("worker-4711");
  await page.getByText("1 node with “worker-4711” in the name.").waitFor();
  await page.getByRole("button", { name: "worker-4711 Well" }).click();
  await page.getByText("worker-4711 is well; there is nothing to do.").waitFor();
});
