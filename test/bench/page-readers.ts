/** Open pages without a browser: each follows the stream and asks for the list of nodes as the page does. */
export class PageReaders {
  receivedBytes = 0;
  readonly #stop = new AbortController();
  readonly #work: Promise<void>[];

  constructor(url: string, count: number) {
    this.#work = Array.from({ length: count }, () => this.#read(url));
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#work);
  }

  async #read(url: string): Promise<void> {
    const { signal } = this.#stop;
    const list = setInterval(() => void this.#list(url), 10_000);
    try {
      const response = await fetch(`${url}api/v1/ward/stream`, { signal });
      if (!response.ok) throw new Error(`the stream answers ${response.status}`);
      for await (const piece of response.body ?? []) this.receivedBytes += piece.length;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      clearInterval(list);
    }
  }

  async #list(url: string): Promise<void> {
    const response = await fetch(`${url}api/v1/nodes?search=&limit=60`, { signal: this.#stop.signal }).catch(
      () => undefined,
    );
    this.receivedBytes += (await response?.text().catch(() => ""))?.length ?? 0;
  }
}
