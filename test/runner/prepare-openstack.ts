import { setPriority } from "node:os";
import { prepareServices } from "../e2e/openstack/services/start.ts";

// the tests that run meanwhile go first
setPriority(10);
try {
  await prepareServices((line) => process.stderr.write(`${line}\n`));
} catch (error) {
  process.stderr.write(`openstack: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
