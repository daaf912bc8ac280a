import { createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { openConnection } from "../../../../plugins/providers/libvirt/rpc/open-connection.ts";
import { procedures } from "../../../../plugins/providers/libvirt/rpc/procedures.ts";
import { parseConnectionUri } from "../../../../plugins/providers/libvirt/rpc/uri.ts";
import { systemClock } from "../../../../src/app/clock.ts";
import type { Clock } from "../../../../src/ports/clock.ts";
import { SimDaemon } from "../../../sim/libvirt/daemon.ts";
import { eventually } from "../../../support/eventually.ts";
import { VirtualClock } from "../../../support/virtual-clock.ts";
import { addMachine, emptyHypervisor, never, simRig } from "./rig.ts";

const machine = "6c696276-6972-4000-8000-000000000000";
const host = "127.0.0.1";

async function daemonWithMachine(): Promise<SimDaemon> {
  const hypervisor = emptyHypervisor();
  addMachine(hypervisor, "node-0", machine);
  return await SimDaemon.start(hypervisor, { port: 0, host });
}

function open(port: number, clock: Clock = systemClock, timeoutMs = 3_000) {
  const uri = parseConnectionUri(`qemu+tcp://${host}:${port}/system`, { isReadOnly: false });
  return openConnection(uri, clock, { isReadOnly: false, timeoutMs, signal: never });
}

const within = (timeoutMs: number, signal = never) => ({ timeoutMs, signal, on: "node-0" });

test("several calls are in flight at once, and an answer that never comes holds up no other", async () => {
  await using daemon = await daemonWithMachine();
  const connection = await open(daemon.port);
  const domain = await connection.call(procedures.domainByName, ["node-0"], within(3_000));
  daemon.hypervisor.domainNamed("node-0").guest = "hung";
  const reset = connection.call(procedures.reset, [domain, 0], within(3_000));
  const states = Array.from({ length: 60 }, () => connection.call(procedures.domainState, [domain, 0], within(3_000)));
  expect(await Promise.all(states)).toEqual(states.map(() => ({ state: 1, reason: 1 })));
  connection.abandon("the test is over");
  await expect(reset).rejects.toMatchObject({
    remedy: "re-read",
    message: expect.stringContaining("the test is over"),
  });
});

test("a call ends at its own deadline, or with its signal, as outcome unknown; the connection goes on", async () => {
  await using daemon = await daemonWithMachine();
  const connection = await open(daemon.port);
  const domain = await connection.call(procedures.domainByName, ["node-0"], within(3_000));
  daemon.hypervisor.domainNamed("node-0").guest = "hung";
  await expect(connection.call(procedures.reset, [domain, 0], within(50))).rejects.toMatchObject({
    remedy: "re-read",
    message: `reset node-0 (qemu+tcp://${host}:${daemon.port}/system): no answer: no answer within 50 ms`,
  });
  const leaving = new AbortController();
  const second = connection.call(procedures.reset, [domain, 0], within(3_000, leaving.signal));
  leaving.abort(new Error("leadership is over"));
  await expect(second).rejects.toThrow("no answer: leadership is over");
  await expect(connection.call(procedures.reset, [domain, 0], within(3_000, leaving.signal))).rejects.toMatchObject({
    remedy: "retry",
    message: expect.stringContaining("not sent: leadership is over"),
  });
  expect(await connection.call(procedures.domainState, [domain, 0], within(3_000))).toEqual({ state: 1, reason: 1 });
  await connection.close();
});

test("a daemon that leaves many calls without an answer loses its connection", async () => {
  await using daemon = await daemonWithMachine();
  const connection = await open(daemon.port);
  daemon.manner = "deaf";
  for (let calls = 0; calls < 4; calls += 1) {
    await expect(connection.call(procedures.domainByName, ["node-0"], within(20))).rejects.toThrow("no answer");
  }
  expect(connection.ended.aborted).toBe(true);
});

test("calls beyond a bound are refused instead of queued", async () => {
  await using daemon = await daemonWithMachine();
  const connection = await open(daemon.port);
  daemon.manner = "deaf";
  const calls = Array.from({ length: 130 }, () => connection.call(procedures.libVersion, [], within(3_000)));
  const ended = Promise.allSettled(calls);
  await expect(calls[129]).rejects.toThrow("128 calls wait already");
  connection.abandon("the test is over");
  expect((await ended).every(({ status }) => status === "rejected")).toBe(true);
});

test("a daemon that answers pings is kept for ever; one that falls silent is dead after 15 s", async () => {
  await using daemon = await daemonWithMachine();
  const clock = new VirtualClock();
  const connection = await open(daemon.port, clock, 60_000);
  for (let pings = 1; pings <= 8; pings += 1) {
    await clock.advance(5_000);
    await eventually(`ping ${pings}`, () => daemon.pings >= pings, { everyMs: 5 });
    await connection.call(procedures.libVersion, [], within(60_000));
  }
  expect(connection.ended.aborted).toBe(false);
  daemon.manner = "deaf";
  const waiting = connection.call(procedures.libVersion, [], within(600_000)).catch((error: unknown) => error);
  await clock.advance(25_000);
  expect(String(await waiting)).toMatch(/nothing heard for \d+ s/);
});

test("a daemon that takes the connection and says nothing costs the time for opening and no more", async () => {
  await using daemon = await daemonWithMachine();
  daemon.manner = "deaf";
  await expect(open(daemon.port, systemClock, 100)).rejects.toMatchObject({ remedy: "re-read" });
});

test("what is no libvirt at all is said so", async () => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.end("SSH-2.0-OpenSSH_9.2p1\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as { port: number };
  await expect(open(port)).rejects.toThrow("this is not libvirt's protocol: a packet of 1397966893 bytes");
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test("after the daemon hung up, the next question makes a new connection; while it is down, tries are few", async () => {
  await using rig = await simRig();
  const daemon = rig.daemons[0]!;
  const power = async () => (await rig.provider.observe(rig.machine, rig.node, never)).power;
  expect([await power(), await power(), daemon.connections]).toEqual(["on", "on", 1]);
  daemon.hangUp();
  await eventually("the connection is made anew", async () => (await power()) === "on" && daemon.connections === 2);
  daemon.before = (procedure) => (procedure === 66 ? "lost" : undefined);
  daemon.hangUp();
  await eventually("the loss is seen", async () => (await power()) === "unknown");
  for (let asked = 0; asked < 50; asked += 1) expect(await power()).toBe("unknown");
  expect(daemon.connections).toBeLessThanOrEqual(4);
  daemon.before = () => undefined;
  await eventually("it reads again", async () => (await power()) === "on");
});
