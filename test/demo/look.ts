import type { Explanation } from "../../src/core/explain.ts";
import { holdReasons } from "../../src/core/hold.ts";
import type { ApiObject } from "../support/api-client.ts";
import type { News } from "./news.ts";
import type { Patients } from "./patients.ts";
import type { MachineState, NodePicture, Picture, RepairPicture } from "./picture.ts";
import type { Replicas } from "./replicas.ts";
import { type DemoWorld, daemonSet, namespace } from "./world.ts";

export interface Sources {
  readonly world: DemoWorld;
  readonly replicas: Replicas;
  readonly patients: Patients;
  readonly news: News;
  readonly explanations: () => ReadonlyMap<string, Explanation>;
  readonly begunMonoMs: number;
  /** Where the status page is. */
  readonly pageUrl: string;
}

/** Takes one picture of everything. */
export function look({ world, replicas, patients, news, explanations, begunMonoMs, pageUrl }: Sources): Picture {
  const { store, clock } = world.kube;
  const { monoMs, wallMs } = clock.now();
  const pods = store.list("pods");
  const running = replicas.list;
  const pause = store.get("daemonsets", `${namespace}/${daemonSet}`)?.metadata.annotations?.["aceso.dev/paused"];
  const holder: string = store.get("leases", `${namespace}/aceso`)?.spec?.holderIdentity ?? "";
  const { focus } = patients;
  const explained = explanations();
  const repair = focus === undefined ? undefined : repairOf(store.get("noderepairs", focus), patients);
  const explanation = focus === undefined ? undefined : explained.get(focus);
  const waits = pause !== undefined || explanation?.state === "Held";
  return {
    wallMs,
    elapsedMs: monoMs - begunMonoMs,
    leader: running.find(({ name }) => holder.startsWith(`${name}_`))?.name,
    replicas: running,
    isPaused: pause !== undefined,
    nodes: world.machines.names.map((name) => {
      const lease = store.get("leases", `kube-node-lease/${name}`);
      const replica = running.find((each) => each.node === name && each.isAlive)?.name;
      const machine = world.machines.state(name);
      return nodeOf(name, { machine, node: store.get("nodes", name), lease, pods, wallMs, replica });
    }),
    focus,
    repair,
    progress: focus === undefined ? undefined : patients.progressOf(focus, waits),
    explanation,
    others: [...explained.values()]
      .filter(({ node, state }) => node !== focus && state !== "Well")
      .map(({ node, state, reason }) =>
        reason in holdReasons ? `${node}: ${state} (${reason})` : `${node}: ${state}`,
      ),
    news: news.lines,
    pageUrl,
  };
}

interface Objects {
  readonly machine: MachineState;
  readonly node: ApiObject;
  readonly lease: ApiObject;
  readonly pods: readonly ApiObject[];
  readonly wallMs: number;
  readonly replica: string | undefined;
}

function nodeOf(name: string, { machine, node, lease, pods, wallMs, replica }: Objects): NodePicture {
  const renewedAt = Date.parse(lease?.spec?.renewTime ?? "");
  const taints: readonly ApiObject[] = node?.spec?.taints ?? [];
  const isFenced = taints.some(({ key }) => key === "node.kubernetes.io/out-of-service");
  return {
    name,
    ready: readyText(node),
    leaseAgeMs: Number.isNaN(renewedAt) ? undefined : wallMs - renewedAt,
    machine,
    marks: [
      ...(node?.spec?.unschedulable === true ? (["cordon"] as const) : []),
      ...(isFenced ? (["out-of-service"] as const) : []),
    ],
    pods: pods.filter((pod) => pod.spec?.nodeName === name).map(podText),
    ...(replica !== undefined && { replica }),
  };
}

function readyText(node: ApiObject): string {
  const ready = node?.status?.conditions?.find(({ type }: ApiObject) => type === "Ready")?.status;
  return ready === undefined ? "none" : ready === "True" ? "Ready" : ready === "False" ? "NotReady" : "Unknown";
}

/** A pod that is not plainly running has a sign: `-` going, `~` not running yet, `?` lost with its node. */
function podText({ metadata, status }: ApiObject): string {
  if (metadata.deletionTimestamp !== undefined) return `${metadata.name}-`;
  if (status?.phase !== "Running") return `${metadata.name}~`;
  const isReady = status.conditions?.some((each: ApiObject) => each.type === "Ready" && each.status === "True");
  return isReady ? metadata.name : `${metadata.name}?`;
}

function repairOf(object: ApiObject, patients: Patients): RepairPicture | undefined {
  const status = object?.status;
  if (status?.phase === undefined) return undefined;
  const node: string = object.metadata.name;
  const passed = patients.passedOf(node);
  // the record of an earlier repair says nothing of a machine just lost
  if (passed.length === 0) return undefined;
  return {
    node,
    phase: status.phase,
    passed,
    ladder: status.plan?.ladder ?? [],
    rung: status.rung,
    attempt: status.attempt ?? 0,
    evidence: (status.evidence ?? []).map((each: ApiObject) => ({
      source: each.source,
      machine: each.machine,
      text: each.text,
      atWallMs: Date.parse(each.readAt),
    })),
  };
}
