// biome-ignore lint/suspicious/noExplicitAny: JSON of any shape passes through the simulated server
export type Fields = Record<string, any>;

export interface Metadata extends Fields {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** An object as the API server stores it. Stored objects are never changed in place: each write makes a new one. */
export interface KubeObject extends Fields {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
}

/** Key of an object within its kind: `namespace/name`, or `name` for cluster-scoped kinds. */
export function keyOf(object: { metadata: { name: string; namespace?: string } }): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined || namespace === "" ? name : `${namespace}/${name}`;
}

/** Six fractional digits, as Leases and Events demand. */
export function microTime(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, -1)}000Z`;
}

/** Whole seconds, as metav1.Time is written. */
export function secondTime(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19)}Z`;
}

/** Deep equality of JSON values; the order of keys does not matter. */
export function isSameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  const a = left as Fields;
  const b = right as Fields;
  const keys = Object.keys(a);
  if (Array.isArray(a) !== Array.isArray(b) || keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => isSameJson(a[key], b[key]));
}
