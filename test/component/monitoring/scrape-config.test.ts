import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parse, stringify } from "yaml";
import { promtool } from "../../support/promtool.ts";
import { isMissing, testThatPromtoolIsThere } from "./promtool-there.ts";

testThatPromtoolIsThere();

test.skipIf(isMissing)("Prometheus takes the job of manifests/monitoring/scrape-config.yaml", async () => {
  const file = new URL("../../../manifests/monitoring/scrape-config.yaml", import.meta.url);
  const { scrape_configs: jobs } = parse(await readFile(file, "utf8"));
  // Debian's build knows no discovery in Kubernetes
  const [{ kubernetes_sd_configs: found, ...job }] = jobs;
  expect(found).toEqual([{ role: "endpoints", namespaces: { names: ["aceso"] } }]);
  const folder = await mkdtemp(join(tmpdir(), "aceso-scrape-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const tried = join(folder, "prometheus.yaml");
  await writeFile(tried, stringify({ scrape_configs: [job] }));
  // the files that the job names are Prometheus' own
  const judged = await promtool(["check", "config", "--syntax-only", tried]);
  expect(judged).toEqual({ code: 0, said: expect.stringContaining("SUCCESS") });
});
