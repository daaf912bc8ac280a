import { test } from "vitest";
import { scenarios } from "./crash-cases.ts";
import { playCase } from "./crash-run.ts";
test("x", async () => {
  console.log(await playCase(scenarios.find((s) => s.name === process.env.S)!, JSON.parse(process.env.B ?? "null") ?? undefined));
}, 60000);
