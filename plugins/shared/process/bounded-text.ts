/** Collects the beginning of a stream of bytes and drops the rest, so that a talkative child cannot fill the memory. */
export class BoundedText {
  readonly #chunks: Buffer[] = [];
  readonly #maxBytes: number;
  #sizeBytes = 0;
  #isTruncated = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isTruncated(): boolean {
    return this.#isTruncated;
  }

  add(chunk: Buffer): void {
    const free = this.#maxBytes - this.#sizeBytes;
    if (chunk.length > free) this.#isTruncated = true;
    if (free <= 0) return;
    const kept = chunk.subarray(0, free);
    this.#chunks.push(kept);
    this.#sizeBytes += kept.length;
  }

  /** UTF-8; a character cut at the bound becomes U+FFFD. */
  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}
