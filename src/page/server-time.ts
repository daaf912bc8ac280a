/** More than a slow network explains: the server's clock was set, or another server answers. */
const stepMs = 5_000;

/** The server's clock as the page reckons it: the viewer's own may be hours off. */
export class ServerTime {
  #offsetMs: number | undefined;

  /**
   * Takes a time that the server has told.
   *
   * @param toldMs the server's clock when it told, in milliseconds since 1970 @param monoMs the page's clock when that arrived
   */
  hear(toldMs: number, monoMs: number): void {
    if (Number.isNaN(toldMs)) return;
    const offsetMs = toldMs - monoMs;
    const known = this.#offsetMs;
    // each message is late by its way here: the least late one is nearest to the truth, and a countdown never jumps back
    const isStep = known === undefined || Math.abs(offsetMs - known) > stepMs;
    this.#offsetMs = isStep ? offsetMs : Math.max(known, offsetMs);
  }

  /** Milliseconds since 1970; undefined before the server has told any. */
  nowMs(monoMs: number): number | undefined {
    return this.#offsetMs === undefined ? undefined : this.#offsetMs + monoMs;
  }
}
