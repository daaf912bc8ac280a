/**
 * `Math.random` gives the same numbers for the same seed until it is disposed, so that jitter is the same in every run.
 * For files whose tests run one after the other.
 */
export function seededRandom(seed: number): Disposable {
  const original = Math.random;
  let state = seed >>> 0;
  // mulberry32
  Math.random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    [Symbol.dispose]() {
      Math.random = original;
    },
  };
}
