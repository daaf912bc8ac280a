import { gunzipSync } from "node:zlib";

/** An answer is longer than we are ready to hold. */
export class BodyTooLarge extends Error {}

/** Reads a whole body as text, unpacked. @throws BodyTooLarge past `mostBytes`, packed or unpacked */
export async function readBody(body: AsyncIterable<Buffer>, isGzip: boolean, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > mostBytes) throw new BodyTooLarge(`answer longer than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  const raw = Buffer.concat(chunks);
  if (!isGzip || raw.length === 0) return raw.toString("utf8");
  // In this thread: a page unpacks in a few milliseconds, and parsing it takes longer.
  return gunzipSync(raw, { maxOutputLength: mostBytes }).toString("utf8");
}

/** Passes a body on and says how many bytes came, chunk by chunk. */
export async function* counting(body: AsyncIterable<Buffer>, onChunk: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    onChunk(chunk.length);
    yield chunk;
  }
}

/**
 * Splits a body into lines. The last line counts only when it ends in a line feed: anything else was cut off.
 * @throws BodyTooLarge when one line passes `mostBytes`
 */
export async function* lines(body: AsyncIterable<Buffer>, mostBytes: number): AsyncGenerator<string> {
  let pending: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      pending.push(chunk.subarray(start, end));
      yield Buffer.concat(pending).toString("utf8");
      pending = [];
      size = 0;
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    size += rest.length;
    if (size > mostBytes) throw new BodyTooLarge(`line longer than ${mostBytes} bytes`);
    if (rest.length > 0) pending.push(rest);
  }
}
