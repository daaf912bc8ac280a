import fc from "fast-check";
import { expect, test } from "vitest";
import { WireError } from "../../../../plugins/providers/libvirt/rpc/errors.ts";
import { maxPacketBytes, PacketReader } from "../../../../plugins/providers/libvirt/rpc/packet.ts";
import { procedures, readErrorHead, readLifecycle } from "../../../../plugins/providers/libvirt/rpc/procedures.ts";
import { XdrReader, XdrWriter } from "../../../../plugins/providers/libvirt/rpc/xdr.ts";
import { recorded } from "./recorded-session.ts";

const daemonSide = recorded.filter(({ from }) => from === "daemon");
const session = Buffer.concat(daemonSide.map(({ bytes }) => bytes));
const decoders: readonly ((reader: XdrReader) => unknown)[] = [
  ...Object.values(procedures).map(
    (it) =>
      (reader: XdrReader): unknown =>
        it.decode(reader),
  ),
  readErrorHead,
  (reader) => readLifecycle(318, reader),
];

/** A value, or the WireError that came instead. Anything else that is thrown fails the test. */
function attempt<T>(read: () => T): T | "wire error" {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) return "wire error";
    throw error;
  }
}

test("wherever a session is cut into chunks, the same packets come out", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(session.length), { maxLength: 40 }), (cuts) => {
      const reader = new PacketReader();
      const places = [0, ...cuts.sort((a, b) => a - b), session.length];
      const packets = places.slice(1).flatMap((end, index) => reader.push(session.subarray(places[index], end)));
      expect(packets).toEqual(daemonSide.map(({ packet }) => packet));
    }),
  );
});

test("random bytes are packets, a wait for more, or an error, and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const packets = attempt(() => new PacketReader().push(Buffer.from(bytes)));
      expect(packets === "wire error" || packets.length * 28 <= bytes.length).toBe(true);
    }),
  );
});

test("a length that makes no sense is an error at its fourth byte: nothing is collected for it", () => {
  const unfit = fc.oneof(fc.integer({ min: 0, max: 27 }), fc.integer({ min: maxPacketBytes + 1, max: 0xffffffff }));
  fc.assert(
    fc.property(unfit, (length) => {
      const head = Buffer.alloc(4);
      head.writeUInt32BE(length);
      const reader = new PacketReader();
      expect(reader.push(head.subarray(0, 3))).toEqual([]);
      expect(() => reader.push(head.subarray(3))).toThrow(WireError);
    }),
  );
});

test("every decoder reads any bytes to a value or an error, and never takes more than the packet has", () => {
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    // small numbers reach deeper than random ones: lengths and flags that make sense
    fc.array(fc.nat(40), { maxLength: 50 }).map((numbers) => {
      const writer = new XdrWriter();
      for (const number of numbers) writer.int(number);
      return writer.toBuffer();
    }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...decoders), anyBytes, (decode, bytes) => {
      const reader = new XdrReader(Buffer.from(bytes));
      attempt(() => decode(reader));
      expect(reader.remainingBytes).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 2_000 },
  );
});

test("a real answer that lost its end, or one bit, is an error or another value, never a hang or a crash", () => {
  const answers = daemonSide.filter(({ packet }) => packet.payload.length > 0);
  fc.assert(
    fc.property(fc.constantFrom(...answers), fc.nat(), fc.nat(), (answer, cut, bit) => {
      const { payload } = answer.packet;
      const short = payload.subarray(0, cut % payload.length);
      const flipped = Buffer.from(payload);
      flipped.writeUInt8(flipped.readUInt8(bit % payload.length) ^ (1 << (bit % 8)), bit % payload.length);
      for (const decode of decoders) {
        for (const bytes of [short, flipped]) attempt(() => decode(new XdrReader(bytes)));
      }
      const own = Object.values(procedures).find((it) => it.number === answer.packet.procedure);
      if (answer.packet.status === 0 && own !== undefined) {
        expect(attempt<unknown>(() => own.decode(new XdrReader(short)))).toBe("wire error");
      }
    }),
  );
});

test("announced lengths reserve nothing: a text of 4 GiB and a list of 2^32 items end at once", () => {
  const huge = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1]);
  expect(() => new XdrReader(huge).text()).toThrow("a text of 4294967295 bytes");
  expect(() => new XdrReader(huge).list(2 ** 40, () => 0)).toThrow("a list of 4294967295 items");
});

test("texts of any characters come back as they were sent", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.option(fc.string(), { nil: undefined }), (text, maybe) => {
      const reader = new XdrReader(new XdrWriter().text(text).optionalText(maybe).int(-7).toBuffer());
      expect([reader.text(), reader.optional(() => reader.text()), reader.int()]).toEqual([text, maybe, -7]);
    }),
  );
});
