import { expect, test } from "vitest";
import { whyNoPromtool } from "../../support/promtool.ts";

const missing = await whyNoPromtool();
if (missing !== undefined) process.stderr.write(`SKIPPED: tests with promtool. ${missing}\n`);

/** For `describe.skipIf`. */
export const isMissing = missing !== undefined;

/** A machine that is to run everything must have it. */
export function testThatPromtoolIsThere(): void {
  test.runIf(process.env.ACESO_E2E === "all")("the machine has promtool, as ACESO_E2E=all demands", () => {
    expect(missing).toBeUndefined();
  });
}
