import type { Fields } from "./object.ts";

/** RFC 7396: null removes, objects merge, everything else (lists too) replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return structuredClone(patch);
  const result: Fields = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** Merge keys of the lists that a strategic merge patch merges; every other list is atomic, spec.taints too. */
const mergeKeys: Readonly<Record<string, string>> = {
  conditions: "type",
  addresses: "type",
  containers: "name",
  initContainers: "name",
  volumes: "name",
  volumesAttached: "name",
  ownerReferences: "uid",
};

/** Strategic merge patch as far as kubelets and node controllers use it (no `$retainKeys`, no `$patch: replace`). */
export function strategicMergePatch(target: unknown, patch: unknown, field = ""): unknown {
  if (Array.isArray(patch)) return mergeLists(target, patch, field);
  if (!isObject(patch)) return structuredClone(patch);
  const result: Fields = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith("$")) continue;
    if (value === null) delete result[key];
    else result[key] = strategicMergePatch(result[key], value, key);
  }
  return result;
}

function mergeLists(target: unknown, patch: readonly unknown[], field: string): unknown {
  const mergeKey = mergeKeys[field];
  if (field === "finalizers") return [...new Set([...(Array.isArray(target) ? target : []), ...patch])];
  if (mergeKey === undefined) return structuredClone(patch);
  const result: Fields[] = Array.isArray(target) ? [...target] : [];
  for (const item of patch as Fields[]) {
    const at = result.findIndex((one) => one[mergeKey] === item[mergeKey]);
    if (item.$patch === "delete") {
      if (at >= 0) result.splice(at, 1);
    } else if (at >= 0) result[at] = strategicMergePatch(result[at], item) as Fields;
    else result.push(structuredClone(item));
  }
  return result;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
