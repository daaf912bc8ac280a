import { randomUUID } from "node:crypto";
import type { Clock } from "../../../src/ports/clock.ts";
import {
  alreadyExists,
  badRequest,
  conflict,
  invalid,
  modifiedText,
  notFound,
  unsupportedMediaType,
} from "./api-error.ts";
import { conform } from "./crd-schema.ts";
import { apiVersionOf, type Kind } from "./kinds.ts";
import { type Fields, isSameJson, type KubeObject, keyOf, secondTime } from "./object.ts";
import { mergePatch, strategicMergePatch } from "./patch.ts";
import { isTrue } from "./request.ts";
import { checkObject } from "./rules.ts";
import type { Store } from "./store.ts";

/** Where an object is created. */
export interface Place {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly isDryRun: boolean;
}

/** One object named by a request. */
export interface Target extends Place {
  readonly name: string;
  readonly subresource: string | undefined;
}

export function isDryRun(query: URLSearchParams): boolean {
  return query.has("dryRun") || isTrue(query.get("dryRun"));
}

/** @throws ApiError 404 */
export function required(store: Store, target: Target): KubeObject {
  const found = store.get(target.kind.plural, keyOfTarget(target));
  if (found === undefined) throw notFound(target.kind, target.name);
  return found;
}

function keyOfTarget({ namespace, name }: Target): string {
  return keyOf({ metadata: { name, ...(namespace === undefined ? {} : { namespace }) } });
}

/** POST. @throws ApiError 400, 404 (namespace), 409 AlreadyExists, 422 */
export function create(store: Store, clock: Clock, place: Place, body: Fields): KubeObject {
  const { kind, namespace } = place;
  checkTypeMeta(kind, body);
  const given = body.metadata ?? {};
  const name = given.name ?? (given.generateName === undefined ? "" : given.generateName + randomUUID().slice(-5));
  if (name === "") throw invalid(kind, "", "metadata.name", "Required value: name or generateName is required");
  if (given.resourceVersion) throw badRequest("resourceVersion should not be set on objects to be created");
  if (given.namespace !== undefined && given.namespace !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  if (namespace !== undefined && store.get("namespaces", namespace) === undefined) {
    throw notFound({ plural: "namespaces", group: "" } as Kind, namespace);
  }
  const metadata = {
    ...given,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid: randomUUID(),
    creationTimestamp: secondTime(clock.now().wallMs),
    ...(kind.isCustom ? { generation: 1 } : {}),
  };
  const admitted = admit(kind, { ...structuredClone(body), apiVersion: apiVersionOf(kind), kind: kind.kind, metadata });
  const object = kind.isCustom ? conform(kind, admitted) : admitted;
  checkObject(kind, object);
  if (store.get(kind.plural, keyOf(object)) !== undefined) throw alreadyExists(kind, name);
  return place.isDryRun ? object : store.write(kind.plural, object);
}

/** Defaults and dropped fields on creation. Nodes may bring their status, as kubelets do. */
function admit(kind: Kind, object: KubeObject): KubeObject {
  if (kind.hasStatus && kind.plural !== "nodes" && kind.plural !== "namespaces") delete object.status;
  if (kind.plural === "pods") {
    object.status = { phase: "Pending" };
    const spec = { terminationGracePeriodSeconds: 30, ...object.spec };
    object.spec = { ...spec, tolerations: withDefaultTolerations(spec.tolerations ?? []) };
  }
  return object;
}

function withDefaultTolerations(given: Fields[]): Fields[] {
  const added = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]
    .filter((key) => !given.some((one) => (one.key ?? key) === key && (one.effect ?? "NoExecute") === "NoExecute"))
    .map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 }));
  return [...given, ...added];
}

/** PUT. @throws ApiError 404, 409 Conflict, 422 */
export function replace(store: Store, clock: Clock, target: Target, body: Fields): KubeObject {
  const { kind, name } = target;
  checkTypeMeta(kind, body);
  if (body.metadata?.name !== name) {
    throw badRequest(`the name of the object (${body.metadata?.name}) does not match the name on the URL (${name})`);
  }
  const found = store.get(kind.plural, keyOfTarget(target));
  const given = body.metadata;
  if (found === undefined) {
    if (given.uid !== undefined) {
      throw conflict(
        kind,
        name,
        `StorageError: invalid object, Code: 4, Key: ${name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${given.uid}, UID in object meta: `,
      );
    }
    if (kind.plural !== "leases" || given.resourceVersion) throw notFound(kind, name);
    return create(store, clock, target, body);
  }
  if (given.uid !== undefined && given.uid !== found.metadata.uid) {
    throw conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${given.uid}, UID in object meta: ${found.metadata.uid}`,
    );
  }
  if (!given.resourceVersion && !kind.mayUpdateBlindly) {
    throw invalid(kind, name, "metadata.resourceVersion", "Invalid value: 0: must be specified for an update");
  }
  return update(store, target, found, {
    ...structuredClone(body),
    kind: kind.kind,
    apiVersion: found.apiVersion,
  } as KubeObject);
}

const mergeType = "application/merge-patch+json";
const strategicType = "application/strategic-merge-patch+json";

/** PATCH. @throws ApiError 404, 409 Conflict, 415, 422 */
export function patch(store: Store, target: Target, contentType: string, body: Fields): KubeObject {
  const isStrategic = contentType === strategicType && !target.kind.isCustom;
  if (!isStrategic && contentType !== mergeType) throw unsupportedMediaType(contentType, mergeType);
  const found = required(store, target);
  const patched = (isStrategic ? strategicMergePatch(found, body) : mergePatch(found, body)) as KubeObject;
  return update(store, target, found, patched);
}

/** The part that PUT and PATCH share: the version, what may not change, which half of the object moves. */
function update(store: Store, target: Target, found: KubeObject, wanted: KubeObject): KubeObject {
  const { kind, name } = target;
  const version = wanted.metadata.resourceVersion;
  if (version && version !== found.metadata.resourceVersion) throw conflict(kind, name, modifiedText);
  if (wanted.metadata.uid && wanted.metadata.uid !== found.metadata.uid) {
    throw invalid(kind, name, "metadata.uid", `Invalid value: "${wanted.metadata.uid}": field is immutable`);
  }
  if (wanted.metadata.name !== name) throw badRequest("the name of the object does not match the name on the URL");
  const half = halfOf(target, found, wanted);
  const next = kind.isCustom ? conform(kind, half) : half;
  checkObject(kind, next);
  return target.isDryRun ? next : store.write(kind.plural, next);
}

const serverOwned = [
  "uid",
  "creationTimestamp",
  "namespace",
  "generation",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
];

function halfOf(target: Target, found: KubeObject, wanted: KubeObject): KubeObject {
  const { kind } = target;
  const metadata: KubeObject["metadata"] = { ...wanted.metadata, resourceVersion: found.metadata.resourceVersion };
  for (const field of serverOwned) {
    if (found.metadata[field] === undefined) delete metadata[field];
    else metadata[field] = found.metadata[field];
  }
  if (target.subresource === "status") {
    return { ...found, metadata: kind.isCustom ? found.metadata : metadata, ...statusOf(wanted) };
  }
  const next: KubeObject = { ...wanted, metadata };
  if (kind.hasStatus) {
    delete next.status;
    Object.assign(next, statusOf(found));
  }
  if (kind.isCustom && !isSameJson(next.spec ?? {}, found.spec ?? {}))
    metadata.generation = (found.metadata.generation ?? 1) + 1;
  return next;
}

function statusOf(object: KubeObject): { status?: unknown } {
  return object.status === undefined ? {} : { status: object.status };
}

function checkTypeMeta(kind: Kind, body: Fields): void {
  if (body.kind !== undefined && body.kind !== kind.kind) {
    throw badRequest(`${body.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}`);
  }
  if (body.apiVersion !== undefined && body.apiVersion !== apiVersionOf(kind)) {
    throw badRequest(
      `the API version in the data (${body.apiVersion}) does not match the expected API version (${apiVersionOf(kind)})`,
    );
  }
}
