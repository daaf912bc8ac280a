import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { readPageAssets } from "../../../src/app/page-assets.ts";
import { pageRig } from "../../component/http/page-rig.ts";
import { makeAuthority } from "../../support/certificates.ts";
import { mountKeyPair } from "../../support/key-pair-files.ts";
import { goodToken, startPageServer, strangersToken } from "../../support/page-server.ts";
import { around, calmWard } from "../../support/ward-builders.ts";
import { startChromium } from "./chromium.ts";

let browser: Browser;
let context: BrowserContext | undefined;

beforeAll(async () => {
  browser = await startChromium();
});
afterEach(async () => context?.close());
afterAll(async () => browser?.close());

async function open(url: string): Promise<{ readonly page: Page; readonly faults: readonly string[] }> {
  // the authority of these tests is none that a browser knows
  context = await browser.newContext({ viewport: { width: 1_200, height: 900 }, ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  await page.goto(url);
  return { page, faults };
}

const signIn = async (page: Page, token: string) => {
  await page.getByLabel("Bearer token").fill(token);
  await page.getByRole("dialog").getByRole("button", { name: "Sign in" }).click();
};
const dialogOf = (page: Page) => page.getByRole("dialog", { name: "Sign in to see this page" });

test("where readers need a token the page asks for one by itself, once, and shows nothing before", async () => {
  await using server = await startPageServer(calmWard(around(Date.now())), [], true);
  const { page, faults } = await open(server.url);
  await dialogOf(page).waitFor();
  expect(await page.evaluate("document.activeElement.id")).toBe("token");
  await page.keyboard.press("Escape");
  await page.getByText("This page is not shown to everybody.").waitFor();
  await page.getByText("(a bearer token is needed)").waitFor();
  // no panel says that there is nothing, where nothing can be seen
  expect(await page.locator("#ward").getByText(/\w/).filter({ visible: true }).count()).toBe(0);
  expect(await page.getByText("Read-only").count()).toBe(0);
  await page.locator(".lost-banner").getByRole("button", { name: "Sign in" }).click();
  await signIn(page, strangersToken);
  await page.getByRole("dialog").getByText("somebody may not get /aceso/status-page").waitFor();
  await signIn(page, "not-a-token-of-anybody");
  await page.getByRole("dialog").getByText("the API server does not accept this token").waitFor();
  await signIn(page, goodToken);
  await page.getByText("All 6 nodes are well").waitFor();
  await page.getByText("ada@example.org").waitFor();
  expect(await page.getByRole("dialog").count()).toBe(0);
  expect(faults).toEqual([]);
});

test("whoever signs out there leaves nothing behind on the screen", async () => {
  await using server = await startPageServer(calmWard(around(Date.now())), [], true);
  const { page } = await open(server.url);
  await dialogOf(page).waitFor();
  await signIn(page, goodToken);
  await page.getByText("All 6 nodes are well").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await dialogOf(page).waitFor();
  expect(await page.getByText("All 6 nodes are well").count()).toBe(0);
  expect(await page.getByText("ada@example.org").count()).toBe(0);
});

test("a browser opens the page of a replica over TLS, signs in there, and pauses a node", async () => {
  const pair = makeAuthority("authority").issue({ commonName: "aceso", altNames: ["127.0.0.1"] });
  await using mounted = await mountKeyPair(pair);
  await using rig = await pageRig({
    tls: { files: mounted.files, ca: "" },
    assets: await readPageAssets(),
    readersNeedToken: true,
  });
  rig.kube.people.put("token-of-ada", { name: "ada", isAllowed: () => true });
  const { page, faults } = await open(`https://127.0.0.1:${rig.port}/`);
  await dialogOf(page).waitFor();
  await signIn(page, "token-of-ada");
  await page.getByRole("button", { name: /^n2 / }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
  await page.getByLabel("Reason").fill("seen over TLS");
  await page.getByRole("button", { name: "Pause n2" }).click();
  await page.getByText("seen over TLS").first().waitFor();
  const node = rig.kube.store.get("nodes", "n2");
  expect(node?.metadata.annotations).toMatchObject({
    "aceso.dev/paused": "seen over TLS",
    "aceso.dev/paused-by": "ada",
  });
  expect(faults).toEqual([]);
});
