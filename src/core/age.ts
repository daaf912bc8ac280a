/** A span and the units in which it is written while it is shorter than `belowS`. */
const steps = [
  { belowS: 120, unit: 1, name: "s" },
  { belowS: 600, unit: 60, name: "m", minor: 1, minorName: "s" },
  { belowS: 3 * 3_600, unit: 60, name: "m" },
  { belowS: 8 * 3_600, unit: 3_600, name: "h", minor: 60, minorName: "m" },
  { belowS: 48 * 3_600, unit: 3_600, name: "h" },
  { belowS: 8 * 86_400, unit: 86_400, name: "d", minor: 3_600, minorName: "h" },
  { belowS: Number.POSITIVE_INFINITY, unit: 86_400, name: "d" },
] as const;

/**
 * A span as kubectl's AGE column shows it: `45s`, `5m30s`, `25m`, `2h`, `3d4h`. Precise enough for people, never exact.
 *
 * @param ms negative counts as 0
 */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const step = steps.find(({ belowS }) => seconds < belowS);
  if (step === undefined) return "unknown";
  const major = `${Math.floor(seconds / step.unit)}${step.name}`;
  if (!("minor" in step)) return major;
  const rest = Math.floor((seconds % step.unit) / step.minor);
  return rest === 0 ? major : `${major}${rest}${step.minorName}`;
}
