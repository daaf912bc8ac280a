import type { Browser } from "playwright-core";

/** What a browser measured of the page. */
export interface PageFigures {
  readonly firstPaintMs: number;
  /** Until the first nodes that are not well stood there. */
  readonly wardDrawnMs: number;
  readonly heapBytes: number;
  readonly elements: number;
  /** Of the main thread's time in the window, 0 to 1. */
  readonly busyShare: number;
  /** 0: none took 50 ms or more. */
  readonly longestTaskMs: number;
  /** How often the ward was drawn anew. */
  readonly wards: number;
  readonly windowMs: number;
}

/** Put into the page before its own script. */
const notes = `
  globalThis.notes = { drawnMs: undefined, longestMs: 0, wards: 0 };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) notes.longestMs = Math.max(notes.longestMs, duration);
  }).observe({ type: "longtask" });
  new MutationObserver(() => {
    if (document.querySelector(".patient") !== null) notes.drawnMs ??= performance.now();
  }).observe(document, { childList: true, subtree: true });
`;

/** Opens the page and watches it for a while. */
export async function lookInBrowser(browser: Browser, url: string, windowMs: number): Promise<PageFigures> {
  const page = await browser.newPage({ viewport: { width: 1_440, height: 900 } });
  const tools = await page.context().newCDPSession(page);
  await tools.send("Performance.enable");
  await page.addInitScript(notes);
  await page.goto(url);
  await page.locator(".patient").first().waitFor();
  const metrics = async () => {
    const { metrics: all } = await tools.send("Performance.getMetrics");
    return new Map(all.map(({ name, value }) => [name, value]));
  };
  await page.evaluate(`notes.longestMs = 0;
    new MutationObserver(() => { notes.wards += 1 }).observe(document.querySelector(".patients"), { childList: true })`);
  const before = await metrics();
  await page.waitForTimeout(windowMs);
  const after = await metrics();
  await page.evaluate("globalThis.gc?.()");
  const end = await metrics();
  const seen = await page.evaluate<{ drawnMs: number; longestMs: number; wards: number; paintMs: number }>(
    `({ ...notes, paintMs: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN })`,
  );
  await page.close();
  const spent = (name: string) => (after.get(name) ?? Number.NaN) - (before.get(name) ?? Number.NaN);
  return {
    firstPaintMs: seen.paintMs,
    wardDrawnMs: seen.drawnMs,
    heapBytes: end.get("JSHeapUsedSize") ?? Number.NaN,
    elements: end.get("Nodes") ?? Number.NaN,
    busyShare: spent("TaskDuration") / (windowMs / 1_000),
    longestTaskMs: seen.longestMs,
    wards: seen.wards,
    windowMs,
  };
}
