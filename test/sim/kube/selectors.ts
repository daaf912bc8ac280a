import { badRequest } from "./api-error.ts";
import type { Kind } from "./kinds.ts";
import type { KubeObject } from "./object.ts";

export type Filter = (object: KubeObject) => boolean;

/** The objects that a list or watch asks for: labelSelector and fieldSelector together. @throws ApiError 400 */
export function filterOf(kind: Kind, query: URLSearchParams): Filter {
  const labels = terms(query.get("labelSelector")).map(labelTerm);
  const fields = terms(query.get("fieldSelector")).map((term) => fieldTerm(kind, term));
  return (object) => labels.every((test) => test(object)) && fields.every((test) => test(object));
}

/** Splits at commas outside parentheses. */
function terms(selector: string | null): string[] {
  if (selector === null || selector.trim() === "") return [];
  return selector.split(/,(?![^(]*\))/).map((term) => term.trim());
}

function labelTerm(term: string): Filter {
  const set = /^(\S+)\s+(in|notin)\s+\((.*)\)$/.exec(term);
  if (set !== null) {
    const values = (set[3] ?? "").split(",").map((value) => value.trim());
    return (object) => values.includes(label(object, set[1] ?? "") ?? "") === (set[2] === "in");
  }
  const equality = /^([^!=\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(term);
  if (equality !== null) {
    return (object) => (label(object, equality[1] ?? "") === equality[3]) === (equality[2] !== "!=");
  }
  const existence = /^(!?)([^!=\s]+)$/.exec(term);
  if (existence === null) throw badRequest(`unable to parse requirement: ${term}`);
  return (object) => (label(object, existence[2] ?? "") === undefined) === (existence[1] === "!");
}

function label(object: KubeObject, key: string): string | undefined {
  return object.metadata.labels?.[key];
}

const readField: Readonly<Record<string, (object: KubeObject) => string>> = {
  "metadata.name": (object) => object.metadata.name,
  "metadata.namespace": (object) => object.metadata.namespace ?? "",
  "spec.nodeName": (object) => object.spec?.nodeName ?? "",
  "spec.unschedulable": (object) => String(object.spec?.unschedulable ?? false),
  "status.phase": (object) => object.status?.phase ?? "",
  reason: (object) => object.reason ?? "",
  "regarding.kind": (object) => object.regarding?.kind ?? "",
  "regarding.name": (object) => object.regarding?.name ?? "",
};
const ownFields: Readonly<Record<string, readonly string[]>> = {
  pods: ["spec.nodeName", "status.phase"],
  nodes: ["spec.unschedulable"],
  events: ["reason", "regarding.kind", "regarding.name"],
};

function fieldTerm(kind: Kind, term: string): Filter {
  const match = /^([\w.]+)(==|=|!=)(.*)$/.exec(term);
  const field = match?.[1] ?? term;
  const read = readField[field];
  const isKnown = field.startsWith("metadata.") || (ownFields[kind.plural] ?? []).includes(field);
  if (match === null || read === undefined || !isKnown) throw badRequest(`field label not supported: ${field}`);
  return (object) => (read(object) === match[3]) === (match[2] !== "!=");
}
