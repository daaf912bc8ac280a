import { expect } from "vitest";
import type { ApiObject } from "../../support/api-client.ts";
import type { AuditEvent } from "../../support/control-plane/audit.ts";
import type { Stage } from "../../support/e2e-stage/stage.ts";
import {
  hasOutOfServiceTaint,
  type RecordedVersion,
  type Recorder,
  type TaintWrite,
  taintWrites,
} from "../../support/recorder.ts";
import { serviceAccount } from "../../support/rights.ts";

export interface TaintLaws {
  readonly silenceMs: number;
  /** Whether a provider can prove a machine off: then Ready may still read True. */
  readonly isProven: boolean;
  /** How long a taint may stay after the node's Lease was seen to move, 12 s where nothing is said. */
  readonly takenBackWithinMs?: number;
  /**
   * Where nodes return while their taint is on its way: each is judged by Aceso's look at the Lease after the taint was
   * intended. A Lease that moves after that look is found after the taint, which is then taken back.
   */
  readonly audit?: readonly AuditEvent[];
}

/** The recorder and Aceso see one change a little apart. */
const watchDelayMs = 250;

/**
 * What must be true of every out-of-service taint in the whole run: written only on a node that was silent, not without
 * proof while Ready was True, and not left on a node whose Lease moves (but where a repair says `reboot-it`).
 */
export function expectLawfulTaints({ recorder }: Pick<Stage, "recorder">, laws: TaintLaws): void {
  expect(recorder.gaps, "the recorder has seen every version").toEqual([]);
  const { silenceMs, isProven, takenBackWithinMs = 12_000, audit } = laws;
  for (const write of taintWrites(recorder)) {
    const ageMs = audit === undefined ? write.leaseAgeMs : leaseAgeAtLookMs(recorder, audit, write);
    expect(ageMs, `age of ${write.node}'s Lease at its taint`).toBeGreaterThan(silenceMs - watchDelayMs);
    if (!isProven) expect(write.ready, `Ready of ${write.node} when it was tainted without proof`).not.toBe("True");
  }
  for (const stay of stays(recorder.of("Node"))) {
    const moved = recorder
      .of("Lease", stay.node)
      .find((it) => it.receivedAtMonoMs > stay.fromMonoMs && it.receivedAtMonoMs < stay.toMonoMs);
    if (moved === undefined || wasToldToReboot(recorder.of("NodeRepair", stay.node))) continue;
    const stayedMs = stay.toMonoMs - moved.receivedAtMonoMs;
    expect(stayedMs, `the taint of ${stay.node} after its Lease had moved`).toBeLessThan(takenBackWithinMs);
  }
}

/** How long a Lease had not moved when Aceso looked at it for a taint; undefined when it never looked. */
function leaseAgeAtLookMs(recorder: Recorder, audit: readonly AuditEvent[], write: TaintWrite): number | undefined {
  const ours = audit
    .filter(({ user, objectRef }) => user.username === serviceAccount && objectRef?.name === write.node)
    .sort((a, b) => (a.requestReceivedTimestamp < b.requestReceivedTimestamp ? -1 : 1));
  const tainted = ours.findLastIndex(
    (it) => isTaint(it) && Date.parse(it.requestReceivedTimestamp) <= write.atWallMs && it.responseStatus?.code === 200,
  );
  const before = ours.slice(0, Math.max(0, tainted));
  const intended = before.findLastIndex(
    ({ objectRef, verb }) => objectRef?.resource === "noderepairs" && verb !== "get",
  );
  const look = before.slice(intended + 1).find(({ objectRef }) => objectRef?.resource === "leases");
  if (look === undefined) return undefined;
  const lookAtMs = Date.parse(look.requestReceivedTimestamp);
  const lease = recorder.of("Lease", write.node).findLast((it) => it.receivedAtWallMs <= lookAtMs);
  return lease === undefined ? undefined : lookAtMs - lease.receivedAtWallMs;
}

function isTaint({ objectRef, requestObject }: AuditEvent): boolean {
  return objectRef?.resource === "nodes" && hasOutOfServiceTaint(requestObject ?? {});
}

interface Stay {
  readonly node: string;
  readonly fromMonoMs: number;
  /** Infinity while it is there. */
  readonly toMonoMs: number;
}

/** From when to when each node was tainted. */
function stays(versions: readonly RecordedVersion[]): readonly Stay[] {
  const found: Stay[] = [];
  const since = new Map<string, number>();
  for (const { name, type, object, receivedAtMonoMs } of versions) {
    const isTainted = type !== "DELETED" && hasOutOfServiceTaint(object);
    const fromMonoMs = since.get(name);
    if (isTainted && fromMonoMs === undefined) since.set(name, receivedAtMonoMs);
    if (isTainted || fromMonoMs === undefined) continue;
    since.delete(name);
    found.push({ node: name, fromMonoMs, toMonoMs: receivedAtMonoMs });
  }
  for (const [node, fromMonoMs] of since) found.push({ node, fromMonoMs, toMonoMs: Number.POSITIVE_INFINITY });
  return found;
}

function wasToldToReboot(versions: readonly RecordedVersion[]): boolean {
  return versions.some(({ object }) => object.status?.reason === "reboot-it");
}

/** Effects that a node's repairs were seen to begin, in order. */
export function effectsSeen({ recorder }: Pick<Stage, "recorder">, node: string): readonly string[] {
  const ids = new Map<string, string>();
  for (const { object } of recorder.of("NodeRepair", node)) {
    const intent: ApiObject = object.status?.intent;
    if (intent !== undefined) ids.set(intent.id, intent.effect);
  }
  return [...ids.values()];
}
