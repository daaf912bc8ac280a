const longestWorthComparing = 64;

/**
 * The known word that a mistyped one most likely meant. Case and `_` for `-` cost nothing.
 *
 * @returns undefined when none is within a third of the longer word's length (at least one edit)
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > longestWorthComparing) return undefined;
  const wanted = normal(word);
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const distance = editDistance(wanted, normal(candidate));
    const limit = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (distance <= limit && distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function normal(word: string): string {
  return word.toLowerCase().replaceAll("_", "-");
}

/** How many letters must be inserted, removed or replaced to make one word the other (Levenshtein). */
export function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
