import { timeText } from "../cli/output.ts";
import { decide } from "../core/decide.ts";
import type { HoldReason } from "../core/hold.ts";
import type { NodeName } from "../core/model.ts";
import type { Now, WallMs } from "../core/time.ts";
import type { ClusterView } from "../core/view.ts";
import { parseTime } from "../kube/json-fields.ts";
import { listAll } from "../kube/paged-list.ts";
import type { KubeRest } from "../kube/rest.ts";
import type { KubeObject } from "../kube/wire.ts";

const mostNodes = 5;
const deadlineMs = 10_000;
/** Holds that only the leader can know of, since only it asks the provider. */
const leadersOwn: readonly HoldReason[] = ["machine-unknown", "provider-unknown", "interlock"];

/**
 * For nodes whose repair would begin now, by what can be read here: why the leader, which also asks the provider, does
 * not begin it. From the Events that it wrote since they fell ill. One line a node, for people.
 *
 * @param focus only these nodes; empty: all, of which the first few are asked about
 * @throws KubeCallError
 */
export async function leadersLastWords(
  rest: KubeRest,
  view: ClusterView,
  now: Now,
  focus: readonly NodeName[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (view.policy.provider === undefined) return [];
  const { actions, crowd } = decide(view, now);
  const starting = actions.filter((it) => it.kind === "start").map((it) => it.node.name);
  const asked = starting.filter((it) => focus.length === 0 || focus.includes(it)).slice(0, mostNodes);
  const words = await Promise.all(
    asked.map(async (node) => {
      const illSince = Math.min(...(crowd.health.get(node)?.findings.map((it) => it.sinceMonoMs) ?? []));
      const fieldSelector = `regarding.kind=Node,regarding.name=${node},reason=RepairHeldBack`;
      const path = "/apis/events.k8s.io/v1/namespaces/default/events";
      const events = await listAll(rest, { path, resource: "events", fieldSelector, deadlineMs, signal });
      const last = events
        .map(toWord)
        .sort((a, b) => a.wallMs - b.wallMs)
        .at(-1);
      // both clocks of `now` are the server's
      if (last === undefined || last.wallMs < illSince || !isLeadersOwn(last.action)) return [];
      return [`${node} is held by the leader, which said at ${timeText(last.wallMs)}: ${last.note}`];
    }),
  );
  return words.flat();
}

interface Word {
  readonly action: string;
  readonly note: string;
  readonly wallMs: WallMs;
}

interface EventObject extends KubeObject {
  readonly action?: string;
  readonly note?: string;
  readonly eventTime?: string;
  readonly series?: { readonly lastObservedTime?: string };
}

function toWord({ action = "", note = "", eventTime = "", series }: EventObject): Word {
  return { action, note, wallMs: parseTime(series?.lastObservedTime ?? eventTime) ?? 0 };
}

function isLeadersOwn(action: string): boolean {
  return leadersOwn.some((reason) => action === `Deciding-${reason}`);
}
