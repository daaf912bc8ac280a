import { stringify } from "yaml";
import { formatDuration } from "../../src/util/duration.ts";
import { durations } from "./durations.ts";

/** The config.yaml of both replicas. @param owner keys that name the provider */
export function configText(owner: Readonly<Record<string, unknown>>): string {
  const checks = [
    { type: "NodeLease", params: { "unhealthy-duration": formatDuration(durations.countdownMs) } },
    { type: "NodeCondition", params: { "unhealthy-duration": "1m" } },
  ];
  return stringify({
    ...owner,
    silence: formatDuration(durations.silenceMs),
    "check-delay-after-add": "0s",
    "startup-delay": formatDuration(durations.startupDelayMs),
    "recovery-hold": formatDuration(durations.recoveryHoldMs),
    "leader-election": {
      "lease-duration": formatDuration(durations.leaderLeaseMs),
      "renew-deadline": "9s",
      "retry-period": "2s",
    },
    healthcheck: { master: checks, worker: checks },
    http: { probes: "off", pages: "127.0.0.1:0" },
  });
}
