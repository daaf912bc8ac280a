import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BodyTooLarge, lines, readBody } from "../../../src/kube/body.ts";

async function* chunked(whole: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    yield whole.subarray(at, at + size);
    at += size;
  }
  yield whole.subarray(at);
}

async function collect(body: AsyncIterable<Buffer>, most = 1_000_000): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines(body, most)) all.push(line);
  return all;
}

test("lines come out whole however the bytes are cut, and a cut last line does not count", async () => {
  const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", " "));
  await fc.assert(
    fc.asyncProperty(fc.array(line), line, fc.array(fc.nat(20)), async (whole, rest, sizes) => {
      const body = Buffer.from(whole.map((text) => `${text}\n`).join("") + rest);
      expect(await collect(chunked(body, sizes))).toEqual(whole);
    }),
    { numRuns: 500 },
  );
});

test("a line without end is given up", async () => {
  await expect(collect(chunked(Buffer.alloc(5_000, 65), [1_000, 1_000]), 2_000)).rejects.toBeInstanceOf(BodyTooLarge);
});

test("a body is unpacked, and given up when it is too long, packed or unpacked", async () => {
  const packed = gzipSync(Buffer.alloc(100_000, 65));
  expect((await readBody(chunked(packed, [10]), true, 200_000)).length).toBe(100_000);
  await expect(readBody(chunked(packed, []), true, 50_000)).rejects.toThrow();
  await expect(readBody(chunked(Buffer.alloc(3_000), []), false, 2_000)).rejects.toBeInstanceOf(BodyTooLarge);
});
