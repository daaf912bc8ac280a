import { spawn } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import { Machine } from "../../support/hollow/machine.ts";
import { type MachinesServer, startMachinesServer } from "../../support/hollow/machines-server.ts";

let server: MachinesServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start() {
  const machine = new Machine({ name: "n1", clock: systemClock, bootMs: 0 });
  server = await startMachinesServer(() => [machine], systemClock);
  const node = { name: "n1", uid: "u", providerID: machine.providerID, systemUUID: machine.systemUUID, addresses: [] };
  const ask = (operation: string, more: object = {}, ms = 10_000) =>
    runProvider(server?.command ?? [], { version: 1, operation, id: "i-1", timeoutMs: ms, node, ...more }, ms);
  return { machine, server, ask };
}

describe("the owner of hollow machines, asked through its executable", () => {
  test("names the machine of a node by its provider ID, and none for a stranger", async () => {
    const { ask, machine } = await start();
    expect(await ask("identify")).toEqual({ code: 0, answer: { machine: machine.id } });
    const stranger = { name: "n9", providerID: "hollow:///other" };
    expect(await ask("identify", { node: stranger })).toEqual({ code: 0, answer: { machine: null } });
  });

  test("switches it off and on, and counts each act with its id", async () => {
    const { ask, machine, server } = await start();
    expect(await ask("power-off", { machine: machine.id })).toEqual({ code: 0, answer: { accepted: true } });
    expect((await ask("observe", { machine: machine.id })).answer).toMatchObject({ power: "off" });
    await ask("power-on", { machine: machine.id, id: "i-2" });
    expect((await ask("observe", { machine: machine.id })).answer).toMatchObject({ power: "on" });
    expect(server.actsOn("n1").map((each) => [each.operation, each.id])).toEqual([
      ["power-off", "i-1"],
      ["power-on", "i-2"],
    ]);
    expect(server.actsOn("n1", "power-off")).toHaveLength(1);
  });

  test("can refuse, lie, talk nonsense, or lose the answer of an act that it did", async () => {
    const { ask, machine, server } = await start();
    server.misbehave(() => ({ error: { remedy: "retry", message: "busy" } }));
    expect((await ask("power-off", { machine: machine.id })).answer).toEqual({
      error: { remedy: "retry", message: "busy" },
    });
    server.misbehave(() => ({ doesNothing: true }));
    expect((await ask("power-off", { machine: machine.id })).answer).toEqual({ accepted: true });
    expect(machine.power).toBe("on");
    server.misbehave((operation) => (operation === "observe" ? { text: "<html>" } : undefined));
    expect((await ask("observe", { machine: machine.id })).answer).toBe("<html>");
    server.misbehave(() => ({ losesAnswer: true }));
    expect((await ask("power-off", { machine: machine.id }, 1_000)).code).toBe(null);
    expect(machine.power).toBe("off");
  });
});

function runProvider([command = "", ...args]: readonly string[], input: object, killAfterMs: number) {
  return new Promise<{ code: number | null; answer: unknown }>((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], timeout: killAfterMs });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", reject).on("close", (code) => resolve({ code, answer: parse(output) }));
    child.stdin.end(JSON.stringify(input));
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
