import { setPriority } from "node:os";
import { findControlPlane } from "../support/control-plane/build.ts";

// the tests that run meanwhile go first
setPriority(10);
try {
  await findControlPlane((line) => process.stderr.write(`${line}\n`));
} catch (error) {
  process.stderr.write(`control plane: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
