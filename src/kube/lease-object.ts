import type { V1LeaseSpec } from "@kubernetes/client-node";
import type { MonoMs, Now, WallMs } from "../core/time.ts";
import type { LeaderSight } from "../ports/leadership.ts";
import { parseTime } from "./json-fields.ts";
import { microTime } from "./micro-time.ts";
import type { KubeObject, Wire } from "./wire.ts";

/** A leadership Lease, as read. */
export interface LeaderLease {
  readonly resourceVersion: string;
  /** Empty: nobody holds it. */
  readonly holder: string;
  readonly durationMs: number;
  readonly transitions: number;
  /** For people; undefined: not given, or no time. */
  readonly acquiredAtWallMs: WallMs | undefined;
  /** Changes whenever the holder gives a sign of life; never compared with a clock. */
  readonly sign: string;
}

export function toLeaderLease(object: KubeObject): LeaderLease {
  const spec = (object.spec ?? {}) as Wire<V1LeaseSpec>;
  return {
    resourceVersion: object.metadata?.resourceVersion ?? "",
    holder: spec.holderIdentity ?? "",
    durationMs: Math.max(1, spec.leaseDurationSeconds ?? 1) * 1_000,
    transitions: spec.leaseTransitions ?? 0,
    acquiredAtWallMs: parseTime(spec.acquireTime ?? ""),
    sign: JSON.stringify([
      object.metadata?.uid,
      spec.holderIdentity,
      spec.leaseTransitions,
      spec.acquireTime,
      spec.renewTime,
    ]),
  };
}

/** Since when a Lease has shown the same sign, by our own clock. */
export interface LeaseSeen {
  readonly lease: LeaderLease;
  readonly sinceMonoMs: MonoMs;
}

/** Pure. Keeps the first sight as long as the sign stands still. */
export function seeLease(before: LeaseSeen | undefined, lease: LeaderLease, now: MonoMs): LeaseSeen {
  return { lease, sinceMonoMs: before?.lease.sign === lease.sign ? before.sinceMonoMs : now };
}

/** Pure. Milliseconds until the Lease may be taken: 0 when nobody holds it or we saw no sign for its whole duration. */
export function takeableInMs(seen: LeaseSeen | undefined, now: MonoMs): number {
  if (seen === undefined || seen.lease.holder === "") return 0;
  return Math.max(0, seen.sinceMonoMs + seen.lease.durationMs - now);
}

/** Spec of a Lease that we take now. */
export function takenSpec(identity: string, durationMs: number, transitions: number, wallMs: WallMs) {
  const time = microTime(wallMs);
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(durationMs / 1_000),
    leaseTransitions: transitions,
    acquireTime: time,
    renewTime: time,
  };
}

/** Pure. What people are told of the Lease; undefined: nobody holds it. */
export function leaderSight(seen: LeaseSeen | undefined, now: Now): LeaderSight | undefined {
  if (seen === undefined || seen.lease.holder === "") return undefined;
  const { holder, durationMs, acquiredAtWallMs } = seen.lease;
  const quietForMs = Math.max(0, now.monoMs - seen.sinceMonoMs);
  return { holder, renewedAtWallMs: now.wallMs - quietForMs, isAlive: quietForMs <= durationMs, acquiredAtWallMs };
}
