import { problemText } from "./problem.ts";
import { fromPlain, mapUnder, withKey, withoutKey } from "./tree-edit.ts";
import type { MapNode, TreeNode } from "./yaml-tree.ts";

/** Every key that magnum-auto-healer knows at the top level. */
export const magnumKeys: readonly string[] = [
  "dry-run",
  "cluster-name",
  "cloud-provider",
  "monitor-interval",
  "check-delay-after-add",
  "rebuild-delay-after-reboot",
  "leader-elect",
  "master-monitor-enabled",
  "worker-monitor-enabled",
  "kubernetes",
  "healthcheck",
  "openstack",
];

/** Whether a file was written for magnum-auto-healer: its section `openstack`, and none of Aceso's own keys. */
export function isMagnumFile(map: MapNode): boolean {
  return map.entries.has("openstack") && [...map.entries.keys()].every((key) => magnumKeys.includes(key));
}

/** magnum-auto-healer: `tls-insecure` may be text there, and `unhealthy-annotation` has nothing to do here. */
export function translateMagnum(map: MapNode, file: string): { map: MapNode; warnings: readonly string[] } {
  const warnings: string[] = [];
  let result = map;
  const openstack = mapUnder(map, "openstack");
  if (openstack !== undefined) result = withKey(result, "openstack", withTlsFlag(openstack));
  const healthcheck = mapUnder(map, "healthcheck");
  if (healthcheck === undefined) return { map: result, warnings };
  let checks = healthcheck;
  for (const [role, { node }] of healthcheck.entries) {
    if (node.kind !== "list") continue;
    const items = node.items.map((item, index) => {
      const params = annotatedParams(item);
      if (item.kind !== "map" || params === undefined) return item;
      const path = `healthcheck.${role}[${index}].params.unhealthy-annotation`;
      const message = "has no effect: since when a check fails is kept in the ObserverReport";
      warnings.push(
        problemText({ at: params.entries.get("unhealthy-annotation")?.keyAt, source: file, path, message }),
      );
      return withKey(item, "params", withoutKey(params, "unhealthy-annotation"));
    });
    checks = withKey(checks, role, { ...node, items });
  }
  return { map: withKey(result, "healthcheck", checks), warnings };
}

function withTlsFlag(openstack: MapNode): MapNode {
  const node = openstack.entries.get("tls-insecure")?.node;
  const isText = node?.kind === "scalar" && (node.value === "true" || node.value === "false");
  return isText ? withKey(openstack, "tls-insecure", fromPlain(node.value === "true", node.at)) : openstack;
}

/** Params of an Endpoint check that name an annotation. */
function annotatedParams(check: TreeNode): MapNode | undefined {
  if (check.kind !== "map") return undefined;
  const type = check.entries.get("type")?.node;
  if (type?.kind !== "scalar" || type.value !== "Endpoint") return undefined;
  const params = mapUnder(check, "params");
  return params?.entries.has("unhealthy-annotation") === true ? params : undefined;
}
