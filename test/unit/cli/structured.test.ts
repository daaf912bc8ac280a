import { expect, test } from "vitest";
import { parse } from "yaml";
import { minuteMs } from "../../../src/core/time.ts";
import { crowd, node, notReady, now, record, still, view } from "../../support/core-builders.ts";
import { cli } from "./fake-ports.ts";

const past = {
  startedAtWallMs: now.wallMs - 60 * minuteMs,
  endedAtWallMs: now.wallMs - 50 * minuteMs,
  outcome: "Healed",
  rung: "power-cycle",
  reason: "healed",
} as const;
const paused = node("n1", { ...notReady, annotations: { "aceso.dev/paused": "no: yes\n- # 'disk' \"swap\"" } });
const cluster = view({ nodes: [paused, ...crowd] });
const given = {
  view: { ...cluster, leases: new Map([...cluster.leases, ["n1", still(2 * minuteMs)]]) },
  record: record({ phase: "Fencing", history: [past] }),
};

test.each(["status", "explain n1", "history n1"])("%s says the same as YAML and as JSON", async (line) => {
  const command = line.split(" ");
  const yaml = await cli([...command, "-o", "yaml"], given);
  const json = await cli([...command, "-o", "json"], given);
  expect([yaml.exitCode, yaml.err]).toEqual([0, ""]);
  expect(parse(yaml.out)).toEqual(JSON.parse(json.out));
  expect(yaml.out).toMatch(/^\w+: [\s\S]*\n$/);
});

test("what others wrote stays one text in YAML", async () => {
  const { out } = await cli(["status", "-o", "yaml"], given);
  expect(parse(out).pauses).toMatchObject([{ scope: "node", node: "n1" }]);
});
