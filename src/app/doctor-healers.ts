import type { HealerFacts, HealerKind } from "../doctor/facts.ts";
import { listAll } from "../kube/paged-list.ts";
import type { KubeRest } from "../kube/rest.ts";
import { NotFoundError } from "../kube/status-error.ts";
import type { KubeObject } from "../kube/wire.ts";

/** Programs by what their image or workload is called. */
const programs: readonly { readonly kind: HealerKind; readonly name: RegExp }[] = [
  { kind: "magnum-auto-healer", name: /magnum-auto-healer/ },
  { kind: "asklepios", name: /asklepios/ },
  { kind: "kured", name: /(^|[-_])kured([-_]|$)/ },
  { kind: "cluster-autoscaler", name: /cluster-autoscaler/ },
  { kind: "karpenter", name: /karpenter/ },
];

/** Custom objects that make somebody treat nodes; without any their controller is idle. */
const wishes: readonly { readonly kind: HealerKind; readonly group: string; readonly plural: string }[] = [
  { kind: "node-health-check", group: "remediation.medik8s.io", plural: "nodehealthchecks" },
  { kind: "self-node-remediation", group: "self-node-remediation.medik8s.io", plural: "selfnoderemediations" },
  { kind: "machine-health-check", group: "cluster.x-k8s.io", plural: "machinehealthchecks" },
  { kind: "machine-health-check", group: "machine.openshift.io", plural: "machinehealthchecks" },
  { kind: "karpenter", group: "karpenter.sh", plural: "nodepools" },
];

const listDeadlineMs = 20_000;

/**
 * Looks for whatever else treats nodes. Our own DaemonSet is none.
 *
 * @throws KubeCallError when the workloads may not be listed
 */
export async function findOtherHealers(
  rest: KubeRest,
  own: { readonly namespace: string; readonly name: string | undefined },
  signal: AbortSignal,
): Promise<readonly HealerFacts[]> {
  const isOwn = ({ metadata }: KubeObject) => metadata?.namespace === own.namespace && metadata.name === own.name;
  const workloads = (["daemonsets", "deployments"] as const).map(async (plural) => {
    const path = `/apis/apps/v1/${plural}`;
    const call = { path, resource: plural, deadlineMs: listDeadlineMs, signal };
    const all = await listAll(rest, call);
    return all.filter((it) => !isOwn(it)).flatMap((it) => programOf(it, plural.slice(0, -1)));
  });
  return (await Promise.all([...workloads, findWishes(rest, signal)])).flat();
}

interface Workload {
  readonly replicas?: number;
  readonly template?: { readonly spec?: { readonly containers?: readonly { readonly image?: string }[] } };
}

function programOf(object: KubeObject, kind: string): HealerFacts[] {
  const { replicas, template } = (object.spec ?? {}) as Workload;
  if (replicas === 0) return [];
  const { name = "", namespace = "" } = object.metadata ?? {};
  const images = (template?.spec?.containers ?? []).map((it) => imageName(it.image ?? ""));
  const program = programs.find((it) => [name, ...images].some((text) => it.name.test(text)));
  return program === undefined ? [] : [{ kind: program.kind, where: `${kind} ${namespace}/${name}` }];
}

/** `registry.k8s.io/autoscaling/cluster-autoscaler:v1` → `cluster-autoscaler`. */
function imageName(image: string): string {
  return (image.split("/").at(-1) ?? "").split(/[:@]/)[0] ?? "";
}

async function findWishes(rest: KubeRest, signal: AbortSignal): Promise<readonly HealerFacts[]> {
  const { groups = [] } = (await rest.call({ method: "GET", path: "/apis", resource: "apis", signal })) as {
    groups?: readonly { name?: string; preferredVersion?: { version?: string } }[];
  };
  const found = wishes.map(async ({ kind, group, plural }): Promise<HealerFacts[]> => {
    const version = groups.find((it) => it.name === group)?.preferredVersion?.version;
    if (version === undefined) return [];
    const path = `/apis/${group}/${version}/${plural}`;
    try {
      const page = await rest.call({ method: "GET", path, resource: plural, query: { limit: 5 }, signal });
      const { items = [] } = page as { items?: readonly KubeObject[] };
      return items.map(({ metadata }) => {
        const name = [metadata?.namespace, metadata?.name].filter(Boolean).join("/");
        return { kind, where: `${plural}.${group} ${name}` };
      });
    } catch (error) {
      // a group with other resources
      if (error instanceof NotFoundError) return [];
      throw error;
    }
  });
  return (await Promise.all(found)).flat();
}
