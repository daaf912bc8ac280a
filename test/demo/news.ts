import type { NewsLine } from "./picture.ts";

const most = 200;

/** The last things that happened, and whoever wants to hear of each. */
export class News {
  readonly #lines: NewsLine[] = [];
  readonly #listeners = new Set<(line: NewsLine) => void>();

  get lines(): readonly NewsLine[] {
    return this.#lines;
  }

  add(line: NewsLine): void {
    this.#lines.push(line);
    if (this.#lines.length > most) this.#lines.shift();
    for (const listener of this.#listeners) listener(line);
  }

  onLine(listener: (line: NewsLine) => void): void {
    this.#listeners.add(listener);
  }
}
