import { WireError } from "./errors.ts";
import { XdrReader, XdrWriter } from "./xdr.ts";

/** Numbers of libvirt's two programs, each in version 1. */
export const programs = { remote: 0x20008086, keepalive: 0x6b656570 } as const;
export const packetTypes = { call: 0, reply: 1, message: 2 } as const;
export const packetStatus = { ok: 0, error: 1 } as const;

export interface PacketHeader {
  readonly program: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
}

/** One packet: `packet length, program, version, procedure, type, serial, status`, all 32-bit, then the payload. */
export interface Packet extends PacketHeader {
  readonly payload: Buffer;
}

const headerBytes = 28;
/** libvirt allows 16 MiB. Its longest text has 4 MiB, and no answer that we ask for holds more than one long text. */
export const maxPacketBytes = 4 * 1024 * 1024 + 64 * 1024;

/** @param payload already XDR */
export function encodePacket({ program, procedure, type, serial, status, payload }: Packet): Buffer {
  const lengthBytes = headerBytes + payload.length;
  if (lengthBytes > maxPacketBytes) throw new WireError(`a packet of ${lengthBytes} bytes to send`);
  const writer = new XdrWriter().int(lengthBytes).int(program).int(1).int(procedure).int(type).int(serial).int(status);
  return Buffer.concat([writer.toBuffer(), payload]);
}

/** Cuts a stream of bytes into packets. Holds at most one unfinished packet. */
export class PacketReader {
  #chunks: Buffer[] = [];
  #heldBytes = 0;
  /** Of the packet under way, undefined while its first four bytes are not all there. */
  #lengthBytes: number | undefined;

  /**
   * @returns the packets that this chunk completed
   * @throws WireError when the bytes are no packet; the stream is of no use after that
   */
  push(chunk: Buffer): Packet[] {
    const packets: Packet[] = [];
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
    for (let packet = this.#next(); packet !== undefined; packet = this.#next()) packets.push(packet);
    return packets;
  }

  #next(): Packet | undefined {
    if (this.#lengthBytes === undefined) {
      if (this.#heldBytes < 4) return undefined;
      this.#lengthBytes = checkedLength(this.#join().readUInt32BE());
    }
    if (this.#heldBytes < this.#lengthBytes) return undefined;
    const bytes = this.#join();
    const packet = decodePacket(bytes.subarray(4, this.#lengthBytes));
    const rest = bytes.subarray(this.#lengthBytes);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#heldBytes = rest.length;
    this.#lengthBytes = undefined;
    return packet;
  }

  #join(): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && this.#chunks.length === 1) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}

function checkedLength(lengthBytes: number): number {
  if (lengthBytes >= headerBytes && lengthBytes <= maxPacketBytes) return lengthBytes;
  throw new WireError(`a packet of ${lengthBytes} bytes (${headerBytes} to ${maxPacketBytes} make sense)`);
}

function decodePacket(bytes: Buffer): Packet {
  const reader = new XdrReader(bytes);
  const program = reader.uint();
  const version = reader.uint();
  if (version !== 1) throw new WireError(`version ${version} of program 0x${program.toString(16)}, expected 1`);
  return {
    program,
    procedure: reader.int(),
    type: reader.uint(),
    serial: reader.uint(),
    status: reader.uint(),
    payload: bytes.subarray(headerBytes - 4),
  };
}
