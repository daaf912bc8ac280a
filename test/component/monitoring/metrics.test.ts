import { describe, expect, test } from "vitest";
import { busyMeter, troubledCluster } from "../../support/busy-meter.ts";
import { promtool } from "../../support/promtool.ts";
import { isMissing, testThatPromtoolIsThere } from "./promtool-there.ts";

testThatPromtoolIsThere();

describe.skipIf(isMissing)("promtool", () => {
  test("has nothing to object to in what a busy leader shows", async () => {
    const meter = busyMeter(troubledCluster(50));
    meter.count("aceso_kube_requests_total", { verb: "GET", resource: "nodes", code: "200" });
    meter.time("aceso_kube_request_seconds", 0.1, { verb: "GET", resource: "nodes" });
    meter.set("aceso_last_sweep_timestamp_seconds", 1_800_000_000);
    expect(await promtool(["check", "metrics"], await meter.text())).toEqual({ code: 0, said: "" });
  });

  test("would object to a counter without _total", async () => {
    const wrong = "# HELP aceso_x Some.\n# TYPE aceso_x counter\naceso_x 1\n";
    expect((await promtool(["check", "metrics"], wrong)).said).toContain("_total");
  });
});
