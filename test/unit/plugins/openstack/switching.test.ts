import { describe, expect, test } from "vitest";
import type { Verdict } from "../../../../plugins/providers/openstack/server-acts.ts";
import { reboot, start, stop } from "../../../../plugins/providers/openstack/switching.ts";
import { server, shutOff, state } from "./nova-server.ts";

const acts = { stop, start, soft: reboot("soft"), hard: reboot("hard") } as const;
const error = state("ERROR", "error", 0);
const busy = state("ACTIVE", "active", 1, "rebuilding");

describe("what a server's state means for an act", () => {
  // biome-ignore format: a table
  test.each([
    // fields                                              stop            start           soft            hard
    [{},                                                   "send",         "done",         "send",         "send"],
    [shutOff,                                              "done",         "send",         "give-up",      "send"],
    [error,                                                "send",         "give-up",      "give-up",      "send"],
    [busy,                                                 "retry",        "retry",        "retry",        "retry"],
    [state("PAUSED", "paused", 3),                         "ask-operator", "ask-operator", "ask-operator", "ask-operator"],
    [state("SUSPENDED", "suspended", 4),                   "ask-operator", "ask-operator", "ask-operator", "ask-operator"],
    [state("RESCUE", "rescued", 1),                        "ask-operator", "ask-operator", "ask-operator", "ask-operator"],
    [state("SHELVED_OFFLOADED", "shelved_offloaded", 4),   "ask-operator", "ask-operator", "ask-operator", "ask-operator"],
    [{ locked: true },                                     "ask-operator", "done",         "ask-operator", "ask-operator"],
    [{ ...shutOff, locked: true },                         "done",         "ask-operator", "ask-operator", "ask-operator"],
    [{ host_status: "DOWN" },                              "retry",        "done",         "retry",        "retry"],
    [{ ...shutOff, host_status: "DOWN" },                  "done",         "retry",        "retry",        "retry"],
  ])("%j", (fields, ...expected) => {
    const judged = Object.values(acts).map((act) => shown(act.judge(server(fields))));
    expect(judged).toEqual(expected);
  });

  test("the reason of a lock is told, and how to lift it", () => {
    const verdict = stop.judge(server({ locked: true, locked_reason: "forensics" }));
    expect(String(verdict)).toMatch(/locked \(forensics\).*openstack server unlock/);
  });

  test("nothing is sent to a host that is down: it would be done when the host returns", () => {
    expect(String(stop.judge(server({ host_status: "DOWN" })))).toMatch(/host is DOWN; nothing was sent/);
  });
});

function shown(verdict: Verdict): string {
  return typeof verdict === "string" ? verdict : verdict.remedy;
}
