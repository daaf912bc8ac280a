import { describe, expect, test } from "vitest";
import { encodePacket, PacketReader } from "../../../../plugins/providers/libvirt/rpc/packet.ts";
import {
  type Domain,
  type Procedure,
  procedures,
  readErrorHead,
  readLifecycle,
} from "../../../../plugins/providers/libvirt/rpc/procedures.ts";
import { XdrReader } from "../../../../plugins/providers/libvirt/rpc/xdr.ts";
import { exchange, recorded } from "./recorded-session.ts";

const uuid = Buffer.from("6c696276697240008000000000000000", "hex");
const domain: Domain = { name: "node-0", uuid, id: 1 };
const pool = { name: "nodes", uuid: Buffer.from("b667750ac59345ecbeff0ce23931c369", "hex") };

/** Asks as the recorded client did, and reads what the recorded daemon answered. */
function replay<Args extends readonly unknown[], Answer>(
  serial: number,
  procedure: Procedure<Args, Answer>,
  ...args: Args
): Answer {
  const { question, answer } = exchange(serial);
  expect(question.procedure).toBe(procedure.number);
  expect(procedure.encode(...args).toString("hex")).toBe(question.payload.toString("hex"));
  const reader = new XdrReader(answer.payload);
  const value = procedure.decode(reader);
  expect(reader.remainingBytes).toBe(0);
  return value;
}

describe("questions and answers are byte for byte those of a real session", () => {
  test("opening: no authentication is wanted, QEMU's driver is opened, pings are agreed on", () => {
    expect(replay(1, procedures.authList)).toEqual([0]);
    expect(replay(2, procedures.open, "qemu:///system", 0)).toBeUndefined();
    expect(replay(3, procedures.supportsFeature, 10)).toBe(true);
  });

  test("domains: found, running, persistent, without saved image and snapshots", () => {
    expect(replay(4, procedures.domainByName, "node-0")).toEqual(domain);
    expect(replay(6, procedures.domainState, domain, 0)).toEqual({ state: 1, reason: 1 });
    expect(replay(7, procedures.isPersistent, domain)).toBe(true);
    expect(replay(8, procedures.hasManagedSave, domain, 0)).toBe(false);
    expect(replay(9, procedures.snapshotCount, domain, 0)).toBe(0);
    expect(replay(10, procedures.listDomains)).toEqual([domain]);
    expect(replay(19, procedures.create, domain, 8)).toEqual({ ...domain, id: 2 });
  });

  test("storage: a pool with its space, a volume with its path", () => {
    expect(replay(11, procedures.libVersion)).toBe(9_000_000);
    expect(replay(12, procedures.poolByName, "nodes")).toEqual(pool);
    const info = replay(13, procedures.poolInfo, pool);
    expect(info.state).toBe(2);
    expect(info.allocationBytes + info.availableBytes).toBe(info.capacityBytes);
    const key = "/var/tmp/libvirt-rig/pool/nodes/node-0.qcow2";
    expect(replay(14, procedures.volumeByName, pool, "node-0.qcow2")).toEqual({
      pool: "nodes",
      name: "node-0.qcow2",
      key,
    });
  });

  test.each([
    [5, 42, 10, /^Domain not found: no domain with matching uuid/],
    [15, 50, 18, /^Storage volume not found/],
    [18, 55, 20, /domain is not running/],
  ])("answer %i is error %i/%i in libvirt's words", (serial, number, area, words) => {
    const { answer } = exchange(serial);
    expect(answer.status).toBe(1);
    const head = readErrorHead(new XdrReader(answer.payload));
    expect(head).toMatchObject({ number, area });
    expect(head.words).toMatch(words);
  });

  test("events tell how the domain stopped and started again, ids included", () => {
    const messages = recorded.filter(({ packet }) => packet.program === 0x20008086 && packet.type === 2);
    const events = messages.map(({ packet }) => readLifecycle(packet.procedure, new XdrReader(packet.payload)));
    expect(events.map((it) => [it?.event, it?.domain.name, it?.domain.id])).toEqual([
      [6, "node-0", 1],
      [5, "node-0", -1],
      [4, "node-0", 2],
      [2, "node-0", 2],
    ]);
    expect(readLifecycle(319, new XdrReader(Buffer.alloc(0)))).toBeUndefined();
  });
});

test("every recorded packet is written again as it was read", () => {
  for (const { bytes, packet } of recorded) expect(encodePacket(packet).toString("hex")).toBe(bytes.toString("hex"));
});

test("a session that comes in one piece gives the same packets", () => {
  const session = Buffer.concat(recorded.map(({ bytes }) => bytes));
  expect(new PacketReader().push(session)).toEqual(recorded.map(({ packet }) => packet));
});
