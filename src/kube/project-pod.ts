import type { V1Pod } from "@kubernetes/client-node";
import { outOfServiceTaint } from "../core/view.ts";
import type { PodFacts } from "../ports/node-control.ts";
import type { KubeObject, Wire } from "./wire.ts";

const mirrorAnnotation = "kubernetes.io/config.mirror";

/** What draining and releasing need of a Pod. */
export function projectPod(object: KubeObject): PodFacts {
  const { metadata, spec, status } = object as Wire<V1Pod>;
  return {
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    uid: metadata?.uid ?? "",
    isDaemonSet: (metadata?.ownerReferences ?? []).some(
      ({ kind, controller }) => kind === "DaemonSet" && controller === true,
    ),
    isMirror: metadata?.annotations?.[mirrorAnnotation] !== undefined,
    isTerminating: metadata?.deletionTimestamp !== undefined,
    isFinished: status?.phase === "Succeeded" || status?.phase === "Failed",
    toleratesOutOfService: (spec?.tolerations ?? []).some(toleratesOutOfService),
    claims: (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim, ephemeral, name }) => {
      if (persistentVolumeClaim !== undefined) return [persistentVolumeClaim.claimName];
      return ephemeral === undefined ? [] : [`${metadata?.name}-${name}`];
    }),
  };
}

/** Whether Ready is True. */
export function isPodReady(object: KubeObject): boolean {
  const { status } = object as Wire<V1Pod>;
  return (status?.conditions ?? []).some(({ type, status: value }) => type === "Ready" && value === "True");
}

interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ ; a limited toleration only delays. */
function toleratesOutOfService({ key, operator, value, effect, tolerationSeconds }: Toleration): boolean {
  if (tolerationSeconds !== undefined) return false;
  if (effect && effect !== outOfServiceTaint.effect) return false;
  if (!key) return operator === "Exists";
  if (key !== outOfServiceTaint.key) return false;
  return operator === "Exists" || (value ?? "") === outOfServiceTaint.value;
}
