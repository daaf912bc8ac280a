import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import type { HealthCheckPlugin, ProbingCheck } from "../../../src/plugin-api/index.ts";
import { quietLog } from "../../support/quiet-ports.ts";

const root = new URL("../../../", import.meta.url);
const folder = await mkdtemp(join(tmpdir(), "aceso-example-"));
afterAll(() => rm(folder, { recursive: true }));

/** The check that CONTRIBUTING.md builds step by step, as it stands there. */
async function writtenCheck(): Promise<HealthCheckPlugin> {
  const page = await readFile(new URL("CONTRIBUTING.md", root), "utf8");
  const [, code = ""] = /^ *```ts\n(.*?)^ *```$/ms.exec(page) ?? [];
  const file = join(folder, "check.ts");
  await writeFile(file, code.replaceAll("../../../src/", new URL("src/", root).href));
  const module = (await import(pathToFileURL(file).href)) as { readonly default: HealthCheckPlugin };
  return module.default;
}

test("the check of CONTRIBUTING.md tells an open port, a closed one, silence and a node without address apart", async () => {
  const plugin = await writtenCheck();
  expect(plugin).toMatchObject({ kind: "health-check", id: "TcpPort" });
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const check = plugin.create({ port }, { clock: systemClock, log: quietLog, silenceMs: 25_000 }) as ProbingCheck;
  const target = { name: "n1", uid: "u1", role: "worker", internalIP: "127.0.0.1", kubeletPort: 10_250 } as const;
  const probe = (it: Parameters<ProbingCheck["probe"]>[0], signal = new AbortController().signal) =>
    check.probe(it, signal);

  expect(await probe(target)).toMatchObject({ verdict: "pass", answered: true });
  expect(await probe(target, AbortSignal.abort())).toMatchObject({ verdict: "fail", answered: false });
  await new Promise((resolve) => server.close(resolve));
  expect(await probe(target)).toMatchObject({ verdict: "fail", answered: true });
  expect(await probe({ ...target, internalIP: undefined })).toMatchObject({ verdict: "unknown", answered: false });
});
