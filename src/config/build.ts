import type { Rung } from "../core/model.ts";
import type { NodeLimit } from "../core/policy.ts";
import { isLoopback } from "../util/loopback.ts";
import type { Address, Config, PolicySettings, TlsFiles } from "./config.ts";
import type { Sections, Values } from "./rules.ts";

type Parts = Pick<Config, "checks" | "provider" | "plugins" | "warnings" | "effective" | "isMagnumFile">;

/** Puts validated values into the shape that the program uses. `as`: the formats have just established these types. */
export function buildConfig(root: Values, sections: Sections, parts: Parts): Config {
  const { kubernetes, http, notifications, "leader-election": election } = sections;
  return {
    ...parts,
    policy: policySettings(root, sections),
    clusterName: root["cluster-name"] as string,
    monitorIntervalMs: root["monitor-interval"] as number,
    leaderElect: root["leader-elect"] as boolean,
    leaderElection: {
      leaseDurationMs: election["lease-duration"] as number,
      renewDeadlineMs: election["renew-deadline"] as number,
      retryPeriodMs: election["retry-period"] as number,
    },
    kubernetes: {
      apiHosts: kubernetes["api-host"] as string[],
      kubeconfig: kubernetes.kubeconfig === "" ? undefined : (kubernetes.kubeconfig as string),
    },
    http: {
      probes: addressOf(http.probes),
      pages: addressOf(http.pages),
      anyoneMayRead: http["anyone-may-read"] as boolean,
      hostNames: http["host-names"] as string[],
      tls: tlsOf(http),
    },
    notifications: notificationsOf(notifications, root["cluster-name"] as string),
    balancer: root.balancer as boolean,
  };
}

function notificationsOf(values: Values, clusterName: string): Config["notifications"] {
  if (values.url === undefined) return undefined;
  return {
    url: values.url as string,
    secretFile: values["secret-file"] as string,
    caFile: values["ca-file"] as string | undefined,
    timeoutMs: values.timeout as number,
    isWarningsOnly: values["only-warnings"] as boolean,
    cluster: (values.cluster as string) || clusterName,
  };
}

/**
 * An address that takes in loopback and more (0.0.0.0) is beyond it: a port speaks one protocol, whoever seems to call.
 * Both files are named or none: a rule.
 */
function tlsOf({ pages, "certificate-file": certificate, "key-file": key }: Values): TlsFiles | undefined {
  const address = addressOf(pages);
  if (certificate === undefined || address === undefined || isLoopback(address.host)) return undefined;
  return { certificateFile: certificate as string, keyFile: key as string };
}

function addressOf(value: unknown): Address | undefined {
  return value === "off" ? undefined : (value as Address);
}

function policySettings(
  root: Values,
  { attempts, fencing, ladder, "control-plane": controlPlane }: Sections,
): PolicySettings {
  return {
    isDryRun: root["dry-run"] as boolean,
    silenceMs: root.silence as number,
    recoveryHoldMs: root["recovery-hold"] as number,
    startupDelayMs: root["startup-delay"] as number,
    checkDelayAfterAddMs: root["check-delay-after-add"] as number,
    maxUnhealthy: root["max-unhealthy"] as NodeLimit,
    maxParallel: root["max-parallel"] as number,
    maxRepairsPerHour: root["max-repairs-per-hour"] as number,
    stormCooldownMs: root["storm-cooldown"] as number,
    cordonedHoldMs: root["cordoned-hold"] as number,
    drainTimeoutMs: root["drain-timeout"] as number,
    releaseTimeoutMs: root["release-timeout"] as number,
    rungTimeoutMs: root["rung-timeout"] as number,
    rebuildDelayAfterRebootMs: root["rebuild-delay-after-reboot"] as number,
    attempts: attemptsOf(attempts),
    attemptsDecayMs: attempts.decay as number,
    ladder: { master: ladder.master as Rung[] | undefined, worker: ladder.worker as Rung[] | undefined },
    acceptDiskLoss: root["accept-disk-loss"] as boolean,
    nodeSelector: root["node-selector"] as Record<string, string>,
    monitored: { master: root["master-monitor-enabled"] as boolean, worker: root["worker-monitor-enabled"] as boolean },
    etcd: controlPlane.etcd as PolicySettings["etcd"],
    fencing: {
      acceptUnproven: fencing["accept-unproven"] as boolean,
      requireReboot: fencing["require-reboot"] as boolean,
      powerOffTimeoutMs: fencing["power-off-timeout"] as number,
      offReadIntervalMs: fencing["off-read-interval"] as number,
      powerOnFoundOff: fencing["power-on-found-off"] as boolean,
    },
  };
}

function attemptsOf(attempts: Values): Record<Rung, number> {
  const { decay: _decay, ...counts } = attempts;
  return counts as Record<Rung, number>;
}

/** Freezes a value and all that it holds. Plain data only. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
