// First script of every npm command. It runs on whatever Node the machine has (20 or later): installs the packages
// when the lock file changed, then hands over to the Node of node_modules, which runs TypeScript as it is.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const stampFile = join(root, "node_modules", ".aceso-installed");
const wanted = createHash("sha256")
  .update(readFileSync(join(root, "package.json")))
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");

const installed = existsSync(stampFile) ? readFileSync(stampFile, "utf8") : "";
if (installed !== wanted) {
  process.stderr.write("installing packages (npm install --no-save)\n");
  // Not `npm ci`: it refuses where a registry lacks the optional binaries of platforms that are not this one.
  // `--no-save` installs what the lock file says and leaves that file alone.
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
  const result = spawnSync("npm", args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (result.status !== 0) {
    process.stderr.write("npm install did not succeed; its output above says why\n");
    process.exit(1);
  }
  writeFileSync(stampFile, wanted);
}

const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write("usage: node boot.mjs SCRIPT [ARGUMENT…]\n");
  process.exit(2);
}
const node = join(root, "node_modules", "node", "bin", "node");
const child = spawn(node, ["--disable-warning=ExperimentalWarning", resolve(root, script), ...args], {
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
