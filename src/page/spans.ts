const minuteS = 60;
const hourS = 3_600;
const dayS = 86_400;

/** What is left of a countdown: `0:07`, `12:30`, `2:05:00`, `3 d`. A second that has begun counts. Never negative. */
export function countdownText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  if (seconds >= 2 * dayS) return `${Math.floor(seconds / dayS)} d`;
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor((seconds % hourS) / minuteS);
  const hours = Math.floor(seconds / hourS);
  const rest = two(seconds % minuteS);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** How long something took or is ago, for people: `0.4 s`, `45 s`, `2 min 5 s`, `3 h 20 min`, `4 d`. Negative counts as 0. */
export function spanText(ms: number): string {
  const positive = Math.max(0, ms);
  if (positive > 0 && positive < 950) return `${(Math.max(1, Math.round(positive / 100)) / 10).toFixed(1)} s`;
  const seconds = Math.round(positive / 1_000);
  if (seconds < 2 * minuteS) return `${seconds} s`;
  const minutes = Math.floor(seconds / minuteS);
  if (minutes < 10) return joined(`${minutes} min`, seconds % minuteS, "s");
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(seconds / hourS);
  if (hours < 12) return joined(`${hours} h`, minutes % minuteS, "min");
  return hours < 48 ? `${hours} h` : `${Math.floor(seconds / dayS)} d`;
}

function joined(major: string, rest: number, unit: string): string {
  return rest === 0 ? major : `${major} ${rest} ${unit}`;
}
