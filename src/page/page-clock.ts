/** The browser's time. The only file of the page that asks for it; everything else is handed one of these. */
export interface PageClock {
  /** Milliseconds since the page was opened; never goes back. */
  monoMs(): number;
  /** Calls once after `ms`. @returns cancels it */
  after(ms: number, call: () => void): () => void;
  /** Calls again and again. @returns ends it */
  every(ms: number, call: () => void): () => void;
}

export const browserClock: PageClock = {
  monoMs: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  every(ms, call) {
    const timer = setInterval(call, ms);
    return () => clearInterval(timer);
  },
};
