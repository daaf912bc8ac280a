/**
 * Whether every case of the long series is played (`npm run e2e:full`). Otherwise, and in CI, one of each kind: the kinds
 * are found by a run without faults, so a new kind of step gets a case by itself.
 */
export const isFullRun = process.env.ACESO_E2E_FULL !== undefined;

/** Places of the first of each kind among `kinds`, counted from 1; all of them in a full run. */
export function chosenPlaces(kinds: readonly string[], struckElsewhere: ReadonlySet<string> = new Set()): number[] {
  return kinds.flatMap((kind, index) => {
    const isChosen = isFullRun || (kinds.indexOf(kind) === index && !struckElsewhere.has(kind));
    return isChosen ? [index + 1] : [];
  });
}
