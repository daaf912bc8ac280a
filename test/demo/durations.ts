import { formatDuration } from "../../src/util/duration.ts";

/** What the demo shortens so that one can watch a repair, in milliseconds. Nothing is skipped. */
export const durations = {
  leaseIntervalMs: 2_000,
  graceMs: 10_000,
  silenceMs: 8_000,
  countdownMs: 18_000,
  startupDelayMs: 3_000,
  recoveryHoldMs: 6_000,
  leaderLeaseMs: 12_000,
  bootMs: 5_000,
  /** Nova's share of a boot: the hypervisor starts the machine, then the system in it comes up. */
  novaStartMs: 1_300,
  powerOffMs: 1_500,
  terminationMs: 500,
  detachMs: 1_500,
} as const;

/** Two reads that prove a machine off stand this far apart; not shortened. */
export const offReadIntervalMs = 2_000;

const beside: readonly (readonly [what: string, hereMs: number, usualMs: number])[] = [
  ["kubelets renew", durations.leaseIntervalMs, 10_000],
  ["NotReady after", durations.graceMs, 50_000],
  ["silence", durations.silenceMs, 25_000],
  ["checks", durations.countdownMs, 55_000],
  ["startup-delay", durations.startupDelayMs, 30_000],
  ["recovery-hold", durations.recoveryHoldMs, 60_000],
  ["leader lease", durations.leaderLeaseMs, 20_000],
  ["boot", durations.bootMs, 60_000],
];

/** Each shortened duration with the usual one in brackets. */
export function shortenedTexts(): readonly string[] {
  return beside.map(([what, hereMs, usualMs]) => `${what} ${formatDuration(hereMs)} (${formatDuration(usualMs)})`);
}
