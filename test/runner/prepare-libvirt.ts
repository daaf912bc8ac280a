import { installPackages } from "../support/libvirt-host/packages.ts";

try {
  await installPackages();
} catch (error) {
  process.stderr.write(`libvirt: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
