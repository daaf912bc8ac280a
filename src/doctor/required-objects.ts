/** A custom resource that this version of Aceso writes. */
export interface RequiredResource {
  /** Name of the CustomResourceDefinition. */
  readonly name: string;
  readonly version: string;
  readonly needsStatus: boolean;
  /** Fields below `spec`: the server drops what its schema does not know. */
  readonly specFields: readonly string[];
}

/** A test compares it with manifests/crds. */
export const requiredResources: readonly RequiredResource[] = [
  {
    name: "noderepairs.aceso.dev",
    version: "v1alpha1",
    needsStatus: true,
    specFields: [
      "request",
      "request.id",
      "request.kind",
      "request.repairId",
      "request.bootId",
      "request.askedAt",
      "reason",
      "requestedBy",
      "paused",
    ],
  },
  {
    name: "observerreports.aceso.dev",
    version: "v1alpha1",
    needsStatus: false,
    specFields: [
      "node",
      "instance",
      "sweptAt",
      "intervalMs",
      "targets",
      "failing",
      "failing.node",
      "failing.nodeUid",
      "failing.check",
      "failing.since",
      "failing.message",
      "unknown",
      "unknown.node",
      "unknown.check",
      "truncated",
      "suspectsSelf",
    ],
  },
];

/** Names of the ValidatingAdmissionPolicies; each has a binding of the same name. A test compares them with the manifest. */
export const requiredPolicies: readonly {
  readonly name: string;
  /** It speaks of the service account by name. */
  readonly namesAccount: boolean;
  readonly purpose: string;
}[] = [
  { name: "aceso-nodes", namesAccount: true, purpose: "a stolen token of Aceso changes little on a Node" },
  { name: "aceso-kubelets", namesAccount: false, purpose: "a kubelet cannot tell Aceso which machine is its own" },
  { name: "aceso-pods", namesAccount: true, purpose: "Aceso writes nothing into a pod's status but that it failed" },
];
