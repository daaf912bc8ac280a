import { setPriority } from "node:os";
import { installChromium } from "../e2e/page/chromium.ts";

// the tests that run meanwhile go first
setPriority(10);
try {
  await installChromium();
} catch (error) {
  process.stderr.write(`chromium: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
