import { badRequest, invalid } from "./api-error.ts";
import type { Kind } from "./kinds.ts";
import type { Fields, KubeObject } from "./object.ts";

const microTimeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/;
const nameForm = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** The server's own checks, as far as Aceso can run into them. @throws ApiError 400 or 422 */
export function checkObject(kind: Kind, object: KubeObject): void {
  const name = object.metadata.name;
  if (!nameForm.test(name) || name.length > 253) {
    throw invalid(kind, name, "metadata.name", `Invalid value: "${name}": a lowercase RFC 1123 subdomain is required`);
  }
  if (kind.plural === "leases") checkMicroTimes(kind, object.spec, ["renewTime", "acquireTime"]);
  if (kind.plural === "nodes") checkTaints(kind, object);
  if (kind.plural === "events") checkEvent(kind, object);
}

function checkMicroTimes(kind: Kind, holder: Fields | undefined, fields: readonly string[]): void {
  for (const field of fields) {
    const value = holder?.[field];
    if (value === undefined || value === null || microTimeForm.test(value)) continue;
    throw badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: parsing time "${value}" as "2006-01-02T15:04:05.000000Z07:00": cannot parse`,
    );
  }
}

function checkTaints(kind: Kind, object: KubeObject): void {
  const seen = new Set<string>();
  for (const [index, taint] of (object.spec?.taints ?? []).entries()) {
    const id = `${taint.key}:${taint.effect}`;
    if (!["NoSchedule", "PreferNoSchedule", "NoExecute"].includes(taint.effect)) {
      throw invalid(
        kind,
        object.metadata.name,
        `metadata.taints[${index}].effect`,
        `Unsupported value: "${taint.effect}"`,
      );
    }
    if (seen.has(id)) {
      throw invalid(
        kind,
        object.metadata.name,
        `metadata.taints[${index}]`,
        `Duplicate value: ${JSON.stringify(taint)}: taints must be unique by key and effect pair`,
      );
    }
    seen.add(id);
  }
}

/** Rules of events.k8s.io/v1. */
function checkEvent(kind: Kind, object: KubeObject): void {
  checkMicroTimes(kind, object, ["eventTime"]);
  checkMicroTimes(kind, object.series, ["lastObservedTime"]);
  const name = object.metadata.name;
  const regarded = object.regarding?.namespace ?? "";
  const allowed = regarded === "" ? ["default", "kube-system"] : [regarded];
  if (!allowed.includes(object.metadata.namespace ?? "")) {
    throw invalid(
      kind,
      name,
      "involvedObject.namespace",
      `Invalid value: "${regarded}": does not match event.namespace`,
    );
  }
  for (const field of ["eventTime", "reportingController", "reportingInstance", "action", "reason"]) {
    if (!object[field]) throw invalid(kind, name, field, "Required value");
  }
  if (object.type !== "Normal" && object.type !== "Warning") throw invalid(kind, name, "type", 'Invalid value: ""');
  for (const [field, limit] of [
    ["action", 128],
    ["reason", 128],
    ["note", 1024],
    ["reportingController", 253],
    ["reportingInstance", 128],
  ] as const) {
    if ((object[field]?.length ?? 0) > limit)
      throw invalid(kind, name, field, `Invalid value: "": can have at most ${limit} characters`);
  }
}
