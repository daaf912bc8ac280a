import { stringify } from "yaml";
import { formatDuration } from "../../src/util/duration.ts";
import { durations } from "./durations.ts";

/** The config.yaml of both replicas. @param command of the exec provider */
export function configText(command: readonly string[]): string {
  const checks = [
    { type: "NodeLease", params: { "unhealthy-duration": formatDuration(durations.countdownMs) } },
    { type: "NodeCondition", params: { "unhealthy-duration": "1m" } },
  ];
  return stringify({
    "cloud-provider": "exec",
    exec: { protocol: "json", command, operations: ["identify", "observe", "power-off", "power-on"] },
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
    http: { probes: "off", pages: "off" },
  });
}
