import type { Clock } from "../../../src/ports/clock.ts";
import { conflict, notFound } from "./api-error.ts";
import type { Kind } from "./kinds.ts";
import { type Fields, type KubeObject, keyOf, secondTime } from "./object.ts";
import type { Store } from "./store.ts";

/** DeleteOptions, as far as they are simulated. */
export interface RemovalOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: readonly string[];
}

export function removalOptions(query: URLSearchParams, body: Fields | undefined): RemovalOptions {
  const grace = query.get("gracePeriodSeconds");
  return {
    ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(query.has("dryRun") ? { dryRun: ["All"] } : {}),
    ...body,
  };
}

/**
 * DELETE. Finalizers keep an object; a running pod that is bound to a node stays, Terminating, until somebody deletes it
 * with grace 0. Returns the object when it stays or is a pod, else undefined.
 * @throws ApiError 404, 409 (preconditions)
 */
export function remove(
  store: Store,
  clock: Clock,
  kind: Kind,
  found: KubeObject,
  options: RemovalOptions,
): KubeObject | undefined {
  checkPreconditions(kind, found, options);
  const grace = graceOf(kind, found, options);
  const isHeld = (found.metadata.finalizers ?? []).length > 0;
  if (options.dryRun?.length) return found;
  if (grace === 0 && !isHeld) {
    store.remove(kind.plural, keyOf(found));
    return kind.plural === "pods" ? found : undefined;
  }
  const before = found.metadata.deletionGracePeriodSeconds;
  if (found.metadata.deletionTimestamp !== undefined && before <= grace) return found;
  const deletionTimestamp = secondTime(clock.now().wallMs + grace * 1000);
  const metadata = { ...found.metadata, deletionTimestamp, deletionGracePeriodSeconds: grace };
  return store.write(kind.plural, { ...found, metadata });
}

function checkPreconditions(kind: Kind, found: KubeObject, { preconditions }: RemovalOptions): void {
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid !== undefined && uid !== found.metadata.uid) {
    throw conflict(
      kind,
      found.metadata.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${found.metadata.uid}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== found.metadata.resourceVersion) {
    throw conflict(
      kind,
      found.metadata.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${found.metadata.resourceVersion}). The object might have been modified`,
    );
  }
}

function graceOf(kind: Kind, found: KubeObject, options: RemovalOptions): number {
  if (kind.plural !== "pods") return 0;
  if (!found.spec?.nodeName || ["Succeeded", "Failed"].includes(found.status?.phase)) return 0;
  return options.gracePeriodSeconds ?? found.spec.terminationGracePeriodSeconds ?? 30;
}

/** What DELETE answers when the object is gone. */
export function removedStatus(kind: Kind, found: KubeObject): Fields {
  const details = {
    name: found.metadata.name,
    ...(kind.group === "" ? {} : { group: kind.group }),
    kind: kind.plural,
    uid: found.metadata.uid,
  };
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details };
}

/** @throws ApiError 404 */
export function requiredPod(store: Store, kind: Kind, namespace: string, name: string): KubeObject {
  const pod = store.get("pods", `${namespace}/${name}`);
  if (pod === undefined) throw notFound(kind, name);
  return pod;
}
