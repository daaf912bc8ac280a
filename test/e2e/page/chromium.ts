import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";

const run = promisify(execFile);
const program = "/usr/bin/chromium";
/** A font to measure and to look at; Debian's chromium brings none. */
const packages = ["chromium", "fonts-dejavu-core"];

/** What stands in the way of a browser here; undefined: nothing. */
export async function missingForPage(): Promise<string | undefined> {
  if (await exists(program)) return undefined;
  if (process.getuid?.() === 0 && (await exists("/usr/bin/apt-get"))) return undefined;
  return "needs Chromium (Debian's package chromium), or root on a Debian to install it";
}

/** Installs the browser where it is missing. */
export async function installChromium(): Promise<void> {
  if (await exists(program)) return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = ["-y", "-qq", "-o", "DPkg::Lock::Timeout=300", "--no-install-recommends"];
  // another apt may hold the lists; the install says whether they will do
  await run("apt-get", ["update", "-qq"], { env }).catch(() => undefined);
  await run("apt-get", ["install", ...options, ...packages], { env });
}

/** Starts one without a window. Whoever starts it closes it. */
export async function startChromium(): Promise<Browser> {
  await installChromium();
  return chromium.launch({
    executablePath: program,
    // as root there is no sandbox; this browser sees our own pages only
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--js-flags=--expose-gc"],
  });
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
