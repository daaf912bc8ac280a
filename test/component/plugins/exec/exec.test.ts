import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { parseOptions } from "../../../../plugins/providers/exec/options-file.ts";
import type { Act } from "../../../../src/plugin-api/index.ts";
import { execRig, makeExec, node } from "./rig.ts";

const rigs: AsyncDisposable[] = [];
const never = new AbortController().signal;

afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig[Symbol.asyncDispose]();
});

async function rig(section: object = {}) {
  const made = await execRig(section);
  rigs.push(made);
  return made;
}

function act(fields: Partial<Act> = {}): Act {
  return { machine: "vm-7", node, id: "intent-9", timeoutMs: 30_000, signal: never, mayAct: async () => {}, ...fields };
}

/** A provider program made of one line of shell, under the given operations. */
function shell(script: string, section: object = {}) {
  return makeExec({ command: ["/bin/sh", "-c", script], ...section });
}

test("json: the program gets the call of the contract on standard input", async () => {
  const { provider, folder } = await rig({ options: { region: "north" } });
  await provider.powerOff?.(act({ timeoutMs: 20_000 }));
  expect(JSON.parse(await readFile(join(folder, "last-call.json"), "utf8"))).toEqual({
    version: 1,
    operation: "power-off",
    id: "intent-9",
    timeoutMs: 20_000,
    node: { name: "n1", uid: "uid-1", providerID: "exec://n1", systemUUID: "0000-1", addresses: ["127.0.0.1"] },
    machine: "vm-7",
    options: { region: "north" },
  });
});

test("json: the time handed over is the shorter one of the act's and the configured", async () => {
  const { provider, folder } = await rig({ timeout: "7s" });
  await provider.powerOn?.(act());
  expect(JSON.parse(await readFile(join(folder, "last-call.json"), "utf8"))).toMatchObject({ timeoutMs: 7_000 });
});

test("an error of the program keeps its remedy and its words", async () => {
  const provider = await shell(`echo '{"error":{"remedy":"give-up","message":"no such machine"}}'`);
  await expect(provider.powerOff?.(act())).rejects.toMatchObject({ code: "ACESO_PROVIDER", remedy: "give-up" });
  await expect(provider.observe("vm-7", node, never)).rejects.toThrow(
    "exec: observe of vm-7 with /bin/sh: no such machine",
  );
});

test("an act that is not answered in time has an unknown outcome", async () => {
  const provider = await shell("sleep 60", { timeout: "200ms" });
  await expect(provider.powerOff?.(act())).rejects.toMatchObject({ remedy: "re-read" });
});

test("an answer longer than 64 KiB is an unknown outcome", async () => {
  const provider = await shell(`printf '{"accepted":true,"x":"'; head -c 70000 /dev/zero | tr '\\0' x; printf '"}'`);
  await expect(provider.powerOff?.(act())).rejects.toThrow("longer than 64 KiB");
});

test("a program that is missing did nothing: ask the operator; one that was called off before it began: retry", async () => {
  const missing = await makeExec({ command: ["/nonexistent/fence"] });
  await expect(missing.powerOff?.(act())).rejects.toMatchObject({ remedy: "ask-operator" });
  await expect(missing.observe("vm-7", node, never)).rejects.toMatchObject({ remedy: "ask-operator" });
  const fine = await shell("exit 0");
  await expect(fine.powerOff?.(act({ signal: AbortSignal.abort() }))).rejects.toMatchObject({ remedy: "retry" });
});

test("the machine is the annotation, else the node's name, where the program cannot identify", async () => {
  const provider = await shell("exit 1");
  expect(await provider.identify(node, never)).toBe("n1");
  expect(await provider.identify({ ...node, machineAnnotation: "rack4-7" }, never)).toBe("rack4-7");
});

test("an unclear answer to identify is tried again, not taken for a node without machine", async () => {
  const provider = await shell("exit 0", { operations: ["identify", "observe"] });
  await expect(provider.identify(node, never)).rejects.toMatchObject({ remedy: "retry" });
});

test("the ladder is power-cycle where off and on are possible, else the reboots; disks are never lost by default", async () => {
  const ladder = async (operations: string[]) => (await shell("exit 0", { operations })).defaultLadder("worker");
  expect(await ladder(["observe", "power-off", "power-on", "rebuild"])).toEqual(["power-cycle"]);
  expect(await ladder(["observe", "hard-reboot", "soft-reboot", "replace"])).toEqual(["soft-reboot", "hard-reboot"]);
  expect(await ladder(["observe", "rebuild"])).toEqual([]);
});

test("a reboot of a kind that is not listed is refused without running anything", async () => {
  const { provider, acts } = await rig();
  await expect(provider.reboot?.(act(), "soft")).rejects.toMatchObject({ remedy: "give-up" });
  await provider.reboot?.(act(), "hard");
  expect(await acts()).toBe(1);
});

test.each([
  [{ operations: ["power-off"] }, "lacks observe"],
  [{ operations: ["observe", "explode"] }, '"explode" is not one of'],
  [{ protocol: "fence-agent", operations: ["observe", "rebuild"] }, '"rebuild" is not one of'],
  [{ protocol: "fence-agent", options: { action: "reboot" } }, "exec.options.action"],
  [{ protocol: "fence-agent", options: { ip: "a\naction=off" } }, "one NAME=VALUE per line"],
  [{ command: [] }, "names no program"],
])("settings that make no sense stop the start: %j", async (section, problem) => {
  await expect(shell("exit 0", section)).rejects.toThrow(problem);
});

test("the options file is read at each call and wins over options; its secrets stay out of messages", async () => {
  const made = await rig({ options: { password: "from-config", region: "north" } });
  const file = join(made.folder, "options");
  await writeFile(file, "# of the BMC\n\npassword=s3cr3t=1\n");
  const script = join(made.folder, "script.sh");
  await writeFile(script, "#!/bin/sh\nsed s/.*options// >&2; exit 9\n");
  await chmod(script, 0o755);
  const provider = await makeExec({ command: [script], options: { region: "north" }, "options-file": file });
  const first = await provider.observe("vm-7", node, never);
  expect(first.power).toBe("unknown");
  expect(first.text).toContain('"region":"***"');
  expect(first.text).not.toContain("s3cr3t");
  await writeFile(file, "password=r0tated!\n");
  const second = await provider.observe("vm-7", node, never);
  expect(second.text).toContain("password");
  expect(second.text).not.toContain("r0tated!");
});

test("an options file that cannot be read, or is not understood, asks the operator without showing it", async () => {
  const provider = await shell("exit 0", { "options-file": "/nonexistent/options" });
  await expect(provider.powerOff?.(act())).rejects.toMatchObject({ remedy: "ask-operator" });
  expect(() => parseOptions("user=a\nhunter2\n", "/o")).toThrow("/o:2: expected NAME=VALUE");
  expect(() => parseOptions("user=a\nhunter2\n", "/o")).not.toThrow("hunter2");
  expect(parseOptions("user=a\r\npassword=b = c \n", "/o")).toEqual({ user: "a", password: "b = c " });
});

test("fence-agent: the agent gets action, plug and options as lines, and its exit code is its word", async () => {
  const script =
    'in=$(cat); printf "%s" "$in" | tr "\\n" ";" >&2; case "$in" in *action=status*) exit 2;; *) exit 0;; esac';
  const provider = await shell(script, { protocol: "fence-agent", options: { ip: "bmc-4" } });
  const seen = await provider.observe("rack4-7", node, never);
  expect(seen).toEqual({ power: "off", text: "exit 2: ip=***;action=status;plug=rack4-7" });
  await provider.powerOff?.(act());
});

test("fence-agent: a machine's name with a line break cannot smuggle in an option", async () => {
  const provider = await shell("exit 2", { protocol: "fence-agent" });
  await expect(provider.observe("vm\nip=evil", node, never)).rejects.toMatchObject({ remedy: "ask-operator" });
  await expect(provider.powerOff?.(act({ machine: "vm\rip=evil" }))).rejects.toMatchObject({ remedy: "ask-operator" });
});

test("fence-agent: an options file cannot take the place of the action", async () => {
  const made = await rig();
  const file = join(made.folder, "options");
  await writeFile(file, "action=off\n");
  const provider = await shell("exit 2", { protocol: "fence-agent", "options-file": file });
  await expect(provider.observe("vm-7", node, never)).rejects.toMatchObject({
    code: "ACESO_PROVIDER",
    remedy: "ask-operator",
  });
});
