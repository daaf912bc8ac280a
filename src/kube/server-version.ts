import type { KubeRest } from "./rest.ts";

/** Whether the server's version knows the out-of-service taint (kubernetes feature NodeOutOfServiceVolumeDetach). */
export type OutOfServiceSupport =
  /** Before 1.24: the taint means nothing there. */
  | "none"
  /** 1.24 and 1.25: only with --feature-gates=NodeOutOfServiceVolumeDetach=true on kube-controller-manager. */
  | "needs-gate"
  /** From 1.26. */
  | "built-in"
  /** The version could not be understood. */
  | "unknown";

export interface ServerVersion {
  /** As `v1.36.3`. */
  readonly gitVersion: string;
  readonly outOfService: OutOfServiceSupport;
  /** ValidatingAdmissionPolicies are served (from 1.30). */
  readonly hasAdmissionPolicies: boolean;
}

/** @throws KubeCallError */
export async function readServerVersion(rest: KubeRest, signal: AbortSignal): Promise<ServerVersion> {
  const { gitVersion, major, minor } = await rest.call({
    method: "GET",
    path: "/version",
    resource: "version",
    signal,
  });
  return judgeVersion(String(gitVersion ?? ""), String(major ?? ""), String(minor ?? ""));
}

/** Pure. `minor` may carry a suffix, as `27+`. */
export function judgeVersion(gitVersion: string, major: string, minor: string): ServerVersion {
  const number = Number.parseInt(minor, 10);
  const isKnown = major === "1" && Number.isInteger(number);
  return {
    gitVersion,
    outOfService: isKnown ? supportOf(number) : "unknown",
    hasAdmissionPolicies: isKnown && number >= 30,
  };
}

function supportOf(minor: number): OutOfServiceSupport {
  if (minor < 24) return "none";
  return minor < 26 ? "needs-gate" : "built-in";
}
