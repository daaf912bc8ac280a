import { open } from "node:fs/promises";
import type { Clock } from "../../../src/plugin-api/index.ts";

/** How long a read file is used before it is read again: tokens and certificates rotate. */
const freshMs = 60_000;
const maxBytes = 1_048_576;

/** A file that is read when needed and at most once a minute; calls at the same time share one read. */
export class CachedFile {
  readonly #path: string;
  readonly #clock: Clock;
  #text: Promise<string> | undefined;
  #readAtMonoMs = 0;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** @throws Error of the file system, as ENOENT; the next call tries again */
  read(): Promise<string> {
    const nowMs = this.#clock.now().monoMs;
    if (this.#text === undefined || nowMs - this.#readAtMonoMs >= freshMs) {
      this.#readAtMonoMs = nowMs;
      const text = readText(this.#path);
      text.catch(() => {
        if (this.#text === text) this.#text = undefined;
      });
      this.#text = text;
    }
    return this.#text;
  }
}

async function readText(path: string): Promise<string> {
  await using file = await open(path, "r");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
  return buffer.subarray(0, bytesRead).toString("utf8");
}
