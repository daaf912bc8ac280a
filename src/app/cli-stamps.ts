import type { LeaseSight, NodeFacts, ObserverView } from "../core/model.ts";
import type { Now, WallMs } from "../core/time.ts";
import { parseTime } from "../kube/json-fields.ts";
import { NodeSight } from "../kube/node-sight.ts";
import { projectNode } from "../kube/project-node.ts";
import { fromReport } from "../kube/report-codec.ts";
import type { KubeObject } from "../kube/wire.ts";

/*
 * A person's command sees the cluster once and has watched nothing, so here, and only here, ages come from the objects'
 * own timestamps. Monotonic and wall time are both the server's clock.
 */

/** One reading for both clocks. */
export function atServer(wallMs: WallMs): Now {
  return { monoMs: wallMs, wallMs };
}

/** Facts of a Node whose conditions are aged by lastTransitionTime. When it was cordoned nobody wrote: as early as can be. */
export function projectByStamps(object: KubeObject): NodeFacts {
  const facts = projectNode(object, new NodeSight(() => 0));
  const raw = (object.status as { conditions?: readonly { type?: string; lastTransitionTime?: string }[] } | undefined)
    ?.conditions;
  const stamps = new Map((raw ?? []).map((it) => [it.type, parseTime(it.lastTransitionTime ?? "")]));
  return {
    ...facts,
    unschedulableSinceMonoMs: facts.isUnschedulable ? facts.createdAtWallMs : undefined,
    conditions: facts.conditions.map((it) => ({
      ...it,
      changedAtMonoMs: stamps.get(it.type) ?? facts.createdAtWallMs,
    })),
  };
}

/** A kubelet's Lease, aged by renewTime. Undefined when it was never renewed. */
export function leaseByStamp(object: KubeObject, now: Now): LeaseSight | undefined {
  const renewTime = (object.spec as { renewTime?: string } | undefined)?.renewTime ?? "";
  const renewedAt = parseTime(renewTime);
  if (renewedAt === undefined) return undefined;
  return {
    version: renewTime,
    changedAtMonoMs: Math.min(renewedAt, now.wallMs),
    readAtMonoMs: now.wallMs,
    hasMoved: true,
  };
}

/** A report whose failures are aged by their `since`. @throws FieldProblem when it makes no sense */
export function reportByStamps(object: KubeObject, now: Now): ObserverView {
  const { view } = fromReport(object, undefined, now);
  const raw = (object.spec as { failing?: readonly { since?: string }[] } | undefined)?.failing ?? [];
  const failing = view.failing.map((it, index) => ({
    ...it,
    firstSeenMonoMs: Math.min(parseTime(raw[index]?.since ?? "") ?? now.wallMs, now.wallMs),
  }));
  return { ...view, failing };
}
