import { stat } from "node:fs/promises";
import { readSmallFile } from "../read-small-file.ts";

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
      this.#text = await readSmallFile(this.path, maxBytes);
      this.#mark = mark;
    }
    return this.#text;
  }
}
