import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import type { Provider } from "../../../src/plugin-api/index.ts";
import { eventually } from "../../support/eventually.ts";
import type { Guest } from "../../support/libvirt-host/guest.ts";
import { bootPatience, type LibvirtHost, startLibvirtHost } from "../../support/libvirt-host/start.ts";
import { actOn, makeProvider, never, nodeOf, powerOf } from "./provider-rig.ts";

let host: LibvirtHost;
let guest: Guest;
let provider: Provider;

beforeAll(async () => {
  host = await startLibvirtHost({ guests: 1 });
  guest = host.guests[0]!;
  provider = await makeProvider({ uris: ["qemu:///system"] });
});

afterAll(async () => {
  await provider?.close?.();
  await host?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  const state = await host.virsh("domstate", guest.name);
  if (state === "paused") await host.virsh("resume", guest.name);
  if (state === "shut off") await host.virsh("start", guest.name, "--force-boot");
});

const state = () => host.virsh("domstate", guest.name, "--reason");
const bootsAgain = async (from: readonly number[]) =>
  await eventually(
    "it boots once more",
    async () => {
      const boots = await host.bootsOf(guest);
      return boots.length > from.length ? boots : undefined;
    },
    bootPatience,
  );

test("a guest is found by its SMBIOS system UUID, in the order of bytes that the firmware stores as well", async () => {
  expect(
    await provider.identify({ ...nodeOf(guest), systemUUID: "0EE5AC4E-7269-0040-8000-000000000000" }, never),
  ).toBeUndefined();
  const swapped = guest.uuid.replace(/^(..)(..)(..)(..)-(..)(..)-(..)(..)/, "$4$3$2$1-$6$5-$8$7").toUpperCase();
  for (const systemUUID of [guest.uuid, swapped]) {
    expect(await provider.identify({ ...nodeOf(guest), systemUUID }, never)).toBe(guest.uuid);
  }
});

test("what virsh sees of its power is what the plugin reads", async () => {
  expect([await state(), await powerOf(provider, guest)]).toEqual(["running (booted)", "on"]);
  await host.virsh("suspend", guest.name);
  expect([await state(), await powerOf(provider, guest)]).toEqual(["paused (user)", "unknown"]);
  await host.virsh("resume", guest.name);
  expect([await state(), await powerOf(provider, guest)]).toEqual(["running (unpaused)", "on"]);
  await host.virsh("managedsave", guest.name);
  expect([await state(), await powerOf(provider, guest)]).toEqual(["shut off (saved)", "unknown"]);
});

test("a saved guest is off after power-off, and boots anew instead of resuming", async () => {
  const boots = await host.bootsOf(guest);
  await host.virsh("managedsave", guest.name);
  await provider.powerOff?.(actOn(guest));
  expect([await state(), await powerOf(provider, guest)]).toEqual(["shut off (saved)", "off"]);
  await provider.powerOn?.(actOn(guest));
  expect(await bootsAgain(boots)).toHaveLength(boots.length + 1);
});

test("a paused guest is switched off", async () => {
  await host.virsh("suspend", guest.name);
  await provider.powerOff?.(actOn(guest));
  expect([await state(), await powerOf(provider, guest)]).toEqual(["shut off (destroyed)", "off"]);
});

test("reset lets the guest boot again; the power button does nothing to one without ACPI", async () => {
  const boots = await host.bootsOf(guest);
  await provider.reboot?.(actOn(guest), "soft");
  expect(await host.bootsOf(guest)).toEqual(boots);
  await provider.reboot?.(actOn(guest), "hard");
  const again = await bootsAgain(boots);
  expect(again.at(-1)).toBe((boots.at(-1) ?? 0) + 1);
});

test("a hung QEMU is rebooted hard: reset gets no answer, destroy and start do it", async () => {
  const boots = await host.bootsOf(guest);
  const pid = await host.qemuPidOf(guest);
  process.kill(pid, "SIGSTOP");
  expect(await powerOf(provider, guest)).toBe("on");
  await provider.reboot?.(actOn(guest), "hard");
  await bootsAgain(boots);
  expect(await host.qemuPidOf(guest)).not.toBe(pid);
});

test("a guest that is killed is told of as soon as libvirt itself knows it, without a question, and reads off then", async () => {
  const hints: { machine: string; atMs: number }[] = [];
  const end = new AbortController();
  const over = provider.watch?.((machine) => {
    hints.push({ machine, atMs: systemClock.now().monoMs });
  }, end.signal);
  await eventually("it listens", async () => {
    await host.virsh("suspend", guest.name);
    await host.virsh("resume", guest.name);
    return hints.length > 0;
  });
  hints.length = 0;
  process.kill(await host.qemuPidOf(guest), "SIGKILL");
  // libvirt takes a second or two to notice and to clear up; until then it reads on
  const readOffAtMs = await eventually(
    "it reads off",
    async () => (await powerOf(provider, guest)) === "off" && systemClock.now().monoMs,
    { everyMs: 10 },
  );
  await eventually("the hint", () => hints.length > 0, { everyMs: 5, withinMs: 1_000 });
  expect(hints[0]?.machine).toBe(guest.uuid);
  expect((hints[0]?.atMs ?? 0) - readOffAtMs).toBeLessThan(1_000);
  end.abort();
  await over;
});

test("a transient guest is not switched off", async () => {
  await host.virsh("undefine", guest.name);
  await expect(provider.powerOff?.(actOn(guest))).rejects.toMatchObject({ remedy: "give-up" });
  expect(await state()).toContain("running");
  await host.renew(guest);
});

test("a hung daemon makes everything unknown; when it goes on, the plugin does too", async () => {
  expect(await powerOf(provider, guest)).toBe("on");
  host.daemon().signal("SIGSTOP");
  expect(await powerOf(provider, guest)).toBe("unknown");
  host.daemon().signal("SIGCONT");
  await eventually("it reads on again", async () => (await powerOf(provider, guest)) === "on");
});

test("a daemon killed in mid-destroy: the outcome is unknown, never off, until the new daemon says so", async () => {
  const destroying = provider.powerOff?.(actOn(guest)).catch((error: unknown) => error);
  await eventually(
    "the guest is being ended",
    async () => !(await host.virsh("domstate", guest.name)).includes("running"),
    {
      everyMs: 5,
      withinMs: 1_000,
    },
  ).catch(() => {});
  await host.daemon().kill();
  const outcome = await destroying;
  if (outcome !== undefined) expect(outcome).toMatchObject({ code: "ACESO_PROVIDER", remedy: "re-read" });
  expect(await powerOf(provider, guest)).toBe("unknown");
  await host.startDaemon();
  await eventually("it answers again", async () => (await powerOf(provider, guest)) !== "unknown");
  await provider.powerOff?.(actOn(guest));
  expect(await powerOf(provider, guest)).toBe("off");
  await provider.powerOn?.(actOn(guest));
  expect(await powerOf(provider, guest)).toBe("on");
});
