import type { LeaderSeen } from "../cli/cluster.ts";
import type { Now } from "../core/time.ts";
import { parseTime } from "../kube/json-fields.ts";
import { leasesPath, objectPath } from "../kube/paths.ts";
import type { KubeRest } from "../kube/rest.ts";

/** The Lease that says who leads. */
export interface LeaderLease {
  readonly holder: string;
  readonly acquiredAt: number | undefined;
  readonly renewedAt: number | undefined;
  readonly durationMs: number;
}

/** Undefined: nobody holds it. @throws KubeCallError */
export async function readLeaderLease(
  rest: KubeRest,
  namespace: string,
  signal: AbortSignal,
): Promise<LeaderLease | undefined> {
  const path = objectPath(leasesPath(namespace), "aceso");
  const { spec } = await rest.call({ method: "GET", path, resource: "leases", signal });
  const it = (spec ?? {}) as {
    holderIdentity?: string;
    acquireTime?: string;
    renewTime?: string;
    leaseDurationSeconds?: number;
  };
  if (!it.holderIdentity) return undefined;
  return {
    holder: it.holderIdentity,
    acquiredAt: parseTime(it.acquireTime ?? ""),
    renewedAt: parseTime(it.renewTime ?? ""),
    durationMs: (it.leaseDurationSeconds ?? 0) * 1_000,
  };
}

export function leaderOf({ holder, renewedAt, durationMs }: LeaderLease, now: Now): LeaderSeen {
  const renewedForMs = Math.max(0, now.wallMs - (renewedAt ?? 0));
  return { holder, renewedForMs, isAlive: renewedForMs <= durationMs };
}
