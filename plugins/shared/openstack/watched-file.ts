import { open, stat } from "node:fs/promises";

const maxBytes = 1_048_576;

/**
 * A small file that is read again when it changed: other bytes, or another file in its place, as when Kubernetes
 * renews a mounted Secret.
 */
export class WatchedFile {
  readonly path: string;
  #mark = "";
  #text = "";

  constructor(path: string) {
    this.path = path;
  }

  /** @throws Error of the file system, as ENOENT */
  async read(): Promise<string> {
    const { ino, size, mtimeMs, ctimeMs } = await stat(this.path);
    const mark = `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
    if (mark !== this.#mark) {
      this.#text = await readText(this.path);
      this.#mark = mark;
    }
    return this.#text;
  }
}

async function readText(path: string): Promise<string> {
  await using file = await open(path, "r");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes + 1), 0, maxBytes + 1, 0);
  if (bytesRead > maxBytes) throw new Error(`longer than ${maxBytes} bytes`);
  return buffer.subarray(0, bytesRead).toString("utf8");
}
