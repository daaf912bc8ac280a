import { expect } from "vitest";
import type { ApiObject } from "../../support/api-client.ts";
import type { Stage } from "../../support/e2e-stage/stage.ts";
import { hasOutOfServiceTaint, type RecordedVersion, taintWrites } from "../../support/recorder.ts";

export interface TaintLaws {
  readonly silenceMs: number;
  /** Whether a provider can prove a machine off: then Ready may still read True. */
  readonly isProven: boolean;
  /** How long a taint may stay after the node's Lease was seen to move, 12 s where nothing is said. */
  readonly takenBackWithinMs?: number;
}

/** The recorder and Aceso see one change a little apart. */
const watchDelayMs = 250;

/**
 * What must be true of every out-of-service taint in the whole run: written only on a node that was silent, not without
 * proof while Ready was True, and not left on a node whose Lease moves (but where a repair says `reboot-it`).
 */
export function expectLawfulTaints({ recorder }: Pick<Stage, "recorder">, laws: TaintLaws): void {
  expect(recorder.gaps, "the recorder has seen every version").toEqual([]);
  const { silenceMs, isProven, takenBackWithinMs = 12_000 } = laws;
  for (const write of taintWrites(recorder)) {
    expect(write.leaseAgeMs, `age of ${write.node}'s Lease at its taint`).toBeGreaterThan(silenceMs - watchDelayMs);
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
