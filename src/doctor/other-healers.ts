import { about, type Diagnosis, listed } from "./diagnosis.ts";
import type { ClusterFacts, HealerKind } from "./facts.ts";
import { unreadable } from "./seen.ts";

const { ok, warning, error } = about("other-healers");

interface Advice {
  /** Two that repair the same node undo each other's work: one must go. */
  readonly isRival: boolean;
  readonly meaning: string;
  readonly remedy: string;
}

export const healerAdvice: Readonly<Record<HealerKind, Advice>> = {
  "magnum-auto-healer": {
    isRival: true,
    meaning: "magnum-auto-healer reboots and replaces the same nodes",
    remedy:
      "Aceso reads its config.yaml unchanged (docs/migrate.md); remove it before dry-run: false: kubectl -n kube-system delete daemonset magnum-auto-healer",
  },
  asklepios: {
    isRival: true,
    meaning: "Asklepios sets and takes the same taint without proof",
    remedy: "Aceso reads its config.yaml unchanged (docs/migrate.md); delete its Deployment before dry-run: false",
  },
  "node-health-check": {
    isRival: true,
    meaning: "medik8s NodeHealthChecks start remediations of the same nodes",
    remedy: "kubectl delete nodehealthchecks --all, or leave Aceso in dry-run",
  },
  "self-node-remediation": {
    isRival: true,
    meaning: "SelfNodeRemediations make nodes reboot themselves and taint them",
    remedy: "kubectl delete selfnoderemediations --all -A, and whatever creates them; or leave Aceso in dry-run",
  },
  "machine-health-check": {
    isRival: true,
    meaning: "MachineHealthChecks of Cluster API delete machines of ill nodes while Aceso repairs them",
    remedy: "annotate the Cluster with cluster.x-k8s.io/paused=true, or delete the MachineHealthChecks of these nodes",
  },
  kured: {
    isRival: false,
    meaning: "kured cordons, drains and reboots nodes",
    remedy:
      "a node that it cordoned is left alone for cordoned-hold; make that longer than its drain and reboot take together",
  },
  "cluster-autoscaler": {
    isRival: false,
    meaning: "the cluster autoscaler removes nodes that stay unready and adds others",
    remedy:
      "nodes that it marked are left alone; give it a --max-node-provision-time and --ok-total-unready-count that leave a repair its time, or keep its node groups out with node-selector",
  },
  karpenter: {
    isRival: false,
    meaning: "Karpenter replaces nodes by itself",
    remedy: "nodes that it marked are left alone; keep its nodes out with node-selector, and its NodePools' repair off",
  },
};

/** What else in the cluster treats nodes. Aceso does not watch it. */
export function diagnoseOtherHealers({ otherHealers }: ClusterFacts): readonly Diagnosis[] {
  if (otherHealers.kind === "missing") return [];
  if (otherHealers.kind === "unreadable")
    return [unreadable("other-healers", "workloads of other healers", otherHealers)];
  const kinds = Object.keys(healerAdvice) as HealerKind[];
  const found = kinds.flatMap((kind) => {
    const places = otherHealers.value.filter((it) => it.kind === kind).map((it) => it.where);
    if (places.length === 0) return [];
    const { isRival, meaning, remedy } = healerAdvice[kind];
    const message = `${listed(places)}: ${meaning}`;
    return [isRival ? error(message, remedy) : warning(message, remedy)];
  });
  return found.length > 0 ? found : [ok("no other healer, autoscaler or reboot daemon was found")];
}
