/**
 * Makes something that is over soon, and uses it once. Where that comes too late, because the machine is busy, another one
 * is made that lasts longer.
 *
 * @param lifetimesMs shortest first @throws what `attempt` throws with the longest
 */
export async function firstThatLasts<T>(
  lifetimesMs: readonly number[],
  attempt: (lifetimeMs: number) => Promise<T>,
): Promise<T> {
  const [shortestMs = 0, ...longerMs] = lifetimesMs;
  try {
    return await attempt(shortestMs);
  } catch (error) {
    if (longerMs.length === 0) throw error;
    return firstThatLasts(longerMs, attempt);
  }
}
