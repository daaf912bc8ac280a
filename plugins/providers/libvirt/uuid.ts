const pattern = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i;

/** The 16 bytes of a UUID, written with or without dashes, in any case; undefined when the text is none. */
export function parseUuid(text: string): Buffer | undefined {
  const match = pattern.exec(text.trim());
  return match === null ? undefined : Buffer.from(match.slice(1).join(""), "hex");
}

/** With dashes, in lower case, as libvirt and the kernel print it. */
export function formatUuid(bytes: Buffer): string {
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * The same UUID with its first three fields in the other byte order. SMBIOS stores them little-endian, and some
 * programs print its bytes as they lie there.
 */
export function swapUuid(bytes: Buffer): Buffer {
  const fields = [bytes.subarray(0, 4), bytes.subarray(4, 6), bytes.subarray(6, 8)];
  return Buffer.concat([...fields.map((field) => Buffer.from(field).reverse()), bytes.subarray(8)]);
}
