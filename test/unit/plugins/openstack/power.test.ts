import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { powerOf } from "../../../../plugins/providers/openstack/power.ts";
import { toServer } from "../../../../plugins/providers/openstack/server.ts";
import { novaServer, server, shutOff, state } from "./nova-server.ts";

describe("what Nova's record of a server proves", () => {
  test.each([
    ["on", "running", state("ACTIVE", "active", 1)],
    ["on", "resized and not confirmed", state("VERIFY_RESIZE", "resized", 1)],
    ["off", "stopped", shutOff],
    ["off", "stopped, its host up", { ...shutOff, host_status: "UP" }],
    ["off", "stopped, its host closed for new servers", { ...shutOff, host_status: "MAINTENANCE" }],
    [
      "unknown",
      "stopped, its host down: whoever is on the host may have started it",
      { ...shutOff, host_status: "DOWN" },
    ],
    ["unknown", "stopped, its host silent", { ...shutOff, host_status: "UNKNOWN" }],
    ["unknown", "running by the record of a host that is down", { host_status: "DOWN" }],
    ["unknown", "active, switched off inside", state("ACTIVE", "active", 4)],
    ["unknown", "active, paused by the hypervisor", state("ACTIVE", "active", 3)],
    ["unknown", "stopped, running all the same", state("SHUTOFF", "stopped", 1)],
    ["unknown", "paused", state("PAUSED", "paused", 3)],
    ["unknown", "suspended: its memory is on a disk", state("SUSPENDED", "suspended", 4)],
    ["unknown", "shelved", state("SHELVED", "shelved", 4)],
    ["unknown", "shelved and offloaded", state("SHELVED_OFFLOADED", "shelved_offloaded", 4)],
    ["unknown", "rescued: another system runs on its disk", state("RESCUE", "rescued", 1)],
    ["unknown", "broken, off by the record", state("ERROR", "error", 4)],
    ["unknown", "broken", state("ERROR", "error", 1)],
    ["unknown", "deleted and kept for a while", state("SOFT_DELETED", "soft-delete", 4)],
    ["changing", "being stopped", state("ACTIVE", "active", 1, "powering-off")],
    ["changing", "being started", state("SHUTOFF", "stopped", 4, "powering-on")],
    ["changing", "being rebooted", state("HARD_REBOOT", "active", 1, "reboot_started_hard")],
    ["changing", "being rebuilt while stopped", state("REBUILD", "stopped", 4, "rebuilding")],
    ["changing", "being migrated", state("MIGRATING", "active", 1, "migrating")],
    ["changing", "being built", state("BUILD", "building", 0)],
  ])("%s: %s", (power, _about, fields) => {
    expect(powerOf(server(fields)).power).toBe(power);
  });

  test("a server of a cell that is down, of which Nova tells only a part, proves nothing", () => {
    const part = toServer({ id: server().id, status: "UNKNOWN" });
    expect(part && powerOf(part).power).toBe("unknown");
  });

  test("the evidence is Nova's own words", () => {
    expect(powerOf(server(shutOff))).toEqual({
      power: "off",
      text: "status SHUTOFF, vm_state stopped, power state 4, no task",
    });
  });

  test("a pending stop says that a dead host carries it out when it returns", () => {
    expect(powerOf(server(state("ACTIVE", "active", 1, "powering-off"))).text).toContain("until the host returns");
  });

  test("ERROR is the machine's own fault, with Nova's words where there are any", () => {
    const fault = { code: 500, message: "No valid host was found." };
    expect(powerOf(server({ ...state("ERROR", "error", 0), fault })).fault).toBe("No valid host was found.");
    expect(powerOf(server(state("ERROR", "error", 0))).fault).toBe("status ERROR");
    expect(powerOf(server())).not.toHaveProperty("fault");
  });

  test("nothing but one combination of words is off, whatever else Nova may say", () => {
    const words = fc.constantFrom(
      "ACTIVE",
      "SHUTOFF",
      "ERROR",
      "PAUSED",
      "SUSPENDED",
      "SHELVED",
      "RESCUE",
      "active",
      "stopped",
      "error",
    );
    const task = fc.constantFrom(null, undefined, "powering-off", "rebuilding", "deleting");
    const host = fc.constantFrom(undefined, "UP", "DOWN", "UNKNOWN", "MAINTENANCE", "");
    const anything = fc.record({
      status: words,
      vm: words,
      power: fc.constantFrom(0, 1, 3, 4, 6, 7, undefined),
      task,
      host,
    });
    fc.assert(
      fc.property(anything, ({ status, vm, power, task, host }) => {
        const fields = {
          ...{ status, "OS-EXT-STS:vm_state": vm, "OS-EXT-STS:power_state": power, "OS-EXT-STS:task_state": task },
          host_status: host,
        };
        const read = toServer(JSON.parse(JSON.stringify(novaServer(fields))));
        const isOff = status === "SHUTOFF" && vm === "stopped" && power === 4 && task === null;
        const isHostDown = host === "DOWN" || host === "UNKNOWN";
        expect(read && powerOf(read).power === "off").toBe(isOff && !isHostDown);
      }),
    );
  });

  test("what is no server is not taken for one", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const isServer = toServer(value) !== undefined;
        expect(isServer).toBe(false);
      }),
    );
  });
});
