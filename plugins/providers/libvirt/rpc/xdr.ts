import { WireError } from "./errors.ts";

/** The longest text that libvirt sends; its protocol says so. */
const maxTextBytes = 4 * 1024 * 1024;

/** Writes XDR (RFC 4506): big-endian, everything filled up to four bytes. Methods return the writer. */
export class XdrWriter {
  readonly #parts: Buffer[] = [];

  /** A signed or unsigned 32-bit number; also bool and enum. */
  int(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value | 0);
    return this.#add(bytes);
  }

  /** Bytes of a length that both sides know. */
  fixed(bytes: Uint8Array): this {
    return this.#add(Buffer.from(bytes)).#add(Buffer.alloc(padding(bytes.length)));
  }

  text(value: string): this {
    const bytes = Buffer.from(value);
    return this.int(bytes.length).fixed(bytes);
  }

  optionalText(value: string | undefined): this {
    return value === undefined ? this.int(0) : this.int(1).text(value);
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #add(bytes: Buffer): this {
    this.#parts.push(bytes);
    return this;
  }
}

/**
 * Reads XDR from one packet. Never reads past its end and never reserves memory for a length that was only announced.
 *
 * @throws WireError from every method when the bytes are not what was asked for
 */
export class XdrReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get remainingBytes(): number {
    return this.#bytes.length - this.#offset;
  }

  int(): number {
    return this.#take(4).readInt32BE();
  }

  uint(): number {
    return this.#take(4).readUInt32BE();
  }

  /** An unsigned 64-bit number. Above 2^53 it loses its last digits, which sizes and versions do not need. */
  bigUint(): number {
    return Number(this.#take(8).readBigUInt64BE());
  }

  fixed(lengthBytes: number): Buffer {
    const bytes = Buffer.from(this.#take(lengthBytes));
    this.#take(padding(lengthBytes));
    return bytes;
  }

  text(): string {
    const lengthBytes = this.uint();
    if (lengthBytes > maxTextBytes) throw new WireError(`a text of ${lengthBytes} bytes`);
    return this.fixed(lengthBytes).toString();
  }

  optional<T>(read: () => T): T | undefined {
    const isThere = this.uint();
    if (isThere > 1) throw new WireError(`${isThere} where 0 or 1 belongs`);
    return isThere === 1 ? read() : undefined;
  }

  /** @param maxItems what the protocol allows; each item takes at least four bytes, so a lie ends at the packet's end */
  list<T>(maxItems: number, read: () => T): T[] {
    const length = this.uint();
    if (length > maxItems || length * 4 > this.remainingBytes) throw new WireError(`a list of ${length} items`);
    return Array.from({ length }, read);
  }

  #take(lengthBytes: number): Buffer {
    if (lengthBytes > this.remainingBytes) {
      throw new WireError(`${lengthBytes} bytes wanted where ${this.remainingBytes} are left`);
    }
    const bytes = this.#bytes.subarray(this.#offset, this.#offset + lengthBytes);
    this.#offset += lengthBytes;
    return bytes;
  }
}

function padding(lengthBytes: number): number {
  return (4 - (lengthBytes % 4)) % 4;
}
