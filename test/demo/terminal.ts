import type { ReadStream, WriteStream } from "node:tty";

const csi = "\u001b[";
const beginSync = `${csi}?2026h`;
const endSync = `${csi}?2026l`;
const open = `${csi}?1049h${csi}?25l`;
const close = `${csi}?25h${csi}?1049l`;

/**
 * A terminal that is redrawn in place: only lines that changed are written, as one piece, so that nothing flickers.
 * What was on it before comes back with `close`, at the latest when the process ends.
 */
export class Terminal {
  readonly #out: WriteStream;
  readonly #in: ReadStream | undefined;
  #shown: readonly string[] = [];
  #isOpen = true;
  readonly #restore = () => this.close();

  constructor(out: WriteStream, input: ReadStream | undefined, onKey: (key: string) => void) {
    this.#out = out;
    this.#in = input;
    process.once("exit", this.#restore);
    out.write(`${open}${csi}2J`);
    out.on("resize", this.#forget);
    input?.setRawMode(true);
    input?.setEncoding("utf8").on("data", (text) => {
      for (const key of String(text)) onKey(key);
    });
  }

  get columns(): number {
    return this.#out.columns || 80;
  }

  get rows(): number {
    return this.#out.rows || 24;
  }

  /** Shows these lines, the first one on top. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const changed = lines.flatMap((line, at) => (line === this.#shown[at] ? [] : [`${csi}${at + 1};1H${line}${csi}K`]));
    const below = lines.length < this.#shown.length ? `${csi}${lines.length + 1};1H${csi}J` : "";
    if (changed.length > 0 || below !== "") this.#out.write(beginSync + changed.join("") + below + endSync);
    this.#shown = lines;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.removeListener("exit", this.#restore);
    this.#out.off("resize", this.#forget);
    this.#in?.setRawMode(false);
    this.#in?.pause();
    this.#out.write(close);
  }

  readonly #forget = () => {
    this.#shown = [];
    this.#out.write(`${csi}2J`);
  };
}
