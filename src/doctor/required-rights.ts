/** One verb on one resource, as an access review asks about it. */
export interface Right {
  /** `own`: the namespace that Aceso lives in; undefined: the whole cluster. */
  readonly namespace: "own" | "kube-node-lease" | "default" | undefined;
  /** Empty for the core group. */
  readonly group: string;
  /** With its subresource, as `pods/eviction`. */
  readonly resource: string;
  readonly verb: string;
  /** The right may be bound to this one object. */
  readonly name?: "aceso";
  /** What cannot be done without it. */
  readonly purpose: string;
}

interface Rule extends Omit<Right, "verb"> {
  readonly verbs: readonly string[];
}

const rules: readonly Rule[] = [
  { namespace: undefined, group: "", resource: "nodes", verbs: ["get", "list", "watch"], purpose: "see the nodes" },
  { namespace: undefined, group: "", resource: "nodes", verbs: ["patch"], purpose: "cordon and taint" },
  {
    namespace: undefined,
    group: "",
    resource: "nodes",
    verbs: ["delete"],
    purpose: "remove the Node of a machine that was replaced",
  },
  { namespace: undefined, group: "", resource: "pods", verbs: ["list"], purpose: "know what runs on a node" },
  { namespace: undefined, group: "", resource: "pods", verbs: ["delete"], purpose: "free pods of a dead machine" },
  { namespace: undefined, group: "", resource: "pods/status", verbs: ["patch"], purpose: "mark such pods as failed" },
  { namespace: undefined, group: "", resource: "pods/eviction", verbs: ["create"], purpose: "drain" },
  {
    namespace: undefined,
    group: "",
    resource: "persistentvolumes",
    verbs: ["list"],
    purpose: "know whose disk a rebuild would destroy",
  },
  {
    namespace: undefined,
    group: "storage.k8s.io",
    resource: "volumeattachments",
    verbs: ["list"],
    purpose: "see when volumes are free",
  },
  {
    namespace: undefined,
    group: "aceso.dev",
    resource: "noderepairs",
    verbs: ["get", "list", "watch", "create"],
    purpose: "keep the journal of repairs",
  },
  {
    namespace: undefined,
    group: "aceso.dev",
    resource: "noderepairs/status",
    verbs: ["patch"],
    purpose: "write the journal of repairs",
  },
  {
    namespace: undefined,
    group: "authentication.k8s.io",
    resource: "tokenreviews",
    verbs: ["create"],
    purpose: "know who visits the status page",
  },
  {
    namespace: undefined,
    group: "authorization.k8s.io",
    resource: "subjectaccessreviews",
    verbs: ["create"],
    purpose: "know what visitors of the status page may do",
  },
  { namespace: "own", group: "coordination.k8s.io", resource: "leases", verbs: ["create"], purpose: "elect a leader" },
  {
    namespace: "own",
    group: "coordination.k8s.io",
    resource: "leases",
    verbs: ["get", "list", "watch", "patch"],
    name: "aceso",
    purpose: "elect a leader",
  },
  {
    namespace: "own",
    group: "apps",
    resource: "daemonsets",
    verbs: ["get", "list", "watch"],
    name: "aceso",
    purpose: "see a pause of the cluster; without it everything counts as paused",
  },
  {
    namespace: "own",
    group: "aceso.dev",
    resource: "observerreports",
    verbs: ["list", "watch", "create", "patch"],
    purpose: "tell and count what the observers see",
  },
  {
    namespace: "kube-node-lease",
    group: "coordination.k8s.io",
    resource: "leases",
    verbs: ["get", "list"],
    purpose: "hear the kubelets' heartbeats",
  },
  {
    namespace: "default",
    group: "events.k8s.io",
    resource: "events",
    verbs: ["create", "patch"],
    purpose: "tell people",
  },
];

/** Every right of the manifest, one entry a verb. A test keeps the two the same. */
export const requiredRights: readonly Right[] = rules.flatMap(({ verbs, ...rule }) =>
  verbs.map((verb) => ({ ...rule, verb })),
);
