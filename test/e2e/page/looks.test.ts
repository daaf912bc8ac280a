import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ward } from "../../../src/http/ward.ts";
import { goodToken, type PageServer, startPageServer } from "../../support/page-server.ts";
import { around, calmWard } from "../../support/ward-builders.ts";
import { startChromium } from "./chromium.ts";
import { busyWard, manyBeds } from "./wards.ts";

const pictures = join(import.meta.dirname, "../../../artifacts/page");
const schemes = ["light", "dark"] as const;
const widths = [390, 1_440] as const;

let browser: Browser;
let server: PageServer;
const calm = () => calmWard(around(Date.now()), { nodes: { total: 12, notWell: 0, byState: { Well: 12 } } });

beforeAll(async () => {
  await mkdir(pictures, { recursive: true });
  [browser, server] = await Promise.all([startChromium(), startPageServer(calm(), manyBeds(12))]);
});

afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

async function open(ward: Ward, options: BrowserContextOptions = {}): Promise<Page> {
  server.show(ward);
  // the program that looks for faults is brought in past the page's own policy
  const page = await browser.newPage({ reducedMotion: "reduce", bypassCSP: true, ...options });
  await page.goto(server.url);
  await page.locator(".beds li").first().waitFor();
  if (ward.patients.length > 0) await page.locator(".patient").first().waitFor();
  return page;
}

/** Faults of the two worst kinds, with the elements that have them. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate<string[]>(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html.slice(0, 160)).join(" | ")))`);
}

const isWiderThanScreen = (page: Page) =>
  page.evaluate<boolean>("document.documentElement.scrollWidth > document.documentElement.clientWidth");

describe.each(schemes)("in %s", (colorScheme) => {
  test.each(widths)("at %i px no serious fault is found, nothing is cut off, and pictures are taken", async (width) => {
    const viewport = { width, height: width < 500 ? 844 : 900 };
    const context = { colorScheme, viewport, deviceScaleFactor: width < 500 ? 2 : 1 };
    const picture = (name: string) => join(pictures, `${name}-${width}-${colorScheme}.png`);
    const found: Record<string, readonly string[]> = {};
    const look = async (page: Page, name: string, fullPage = false) => {
      await page.screenshot({ path: picture(name), fullPage });
      found[name] = [...(await faultsOf(page)), ...((await isWiderThanScreen(page)) ? ["wider than the screen"] : [])];
    };

    const quiet = await open(calm(), context);
    await look(quiet, "calm", true);
    await quiet.close();

    const page = await open(busyWard(Date.now()), context);
    await look(page, "busy", true);
    await page.getByRole("button", { name: "worker-11 Well" }).click();
    await page.locator(".node-dialog .patient").waitFor();
    await look(page, "node");
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Pause all" }).click();
    await page.getByLabel("Bearer token").waitFor();
    await look(page, "sign-in");
    await page.getByLabel("Bearer token").fill(goodToken);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Pause the whole cluster?" }).waitFor();
    await look(page, "confirm");
    await page.getByRole("button", { name: "Cancel" }).click();
    server.cut(true);
    await page.getByText("Connection lost.").waitFor();
    await look(page, "lost");
    await page.close();

    const none = { calm: [], busy: [], node: [], "sign-in": [], confirm: [], lost: [] };
    expect(found).toEqual(none);
  });
});
