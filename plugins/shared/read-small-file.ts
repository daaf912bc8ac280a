import { open } from "node:fs/promises";

/** The whole text of a file. @throws Error of the file system, as ENOENT, or when it is longer than `maxBytes` */
export async function readSmallFile(path: string, maxBytes: number): Promise<string> {
  await using file = await open(path, "r");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes + 1), 0, maxBytes + 1, 0);
  if (bytesRead > maxBytes) throw new Error(`longer than ${maxBytes} bytes`);
  return buffer.subarray(0, bytesRead).toString("utf8");
}
