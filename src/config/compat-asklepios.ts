import type { Problem } from "./problem.ts";
import { defaultChecks } from "./schema.ts";
import { fromPlain, mapFromPlain, mapUnder, withKey, withoutKey } from "./tree-edit.ts";
import type { MapNode, TreeNode } from "./yaml-tree.ts";

/** Asklepios' durations with its defaults, in seconds. `balancer` is a key of our own schema. */
const defaultSeconds = { sleep: 10, kickout: 60, kickin: 60 } as const;
type SecondsKey = keyof typeof defaultSeconds;

const ownKeys: readonly string[] = [...Object.keys(defaultSeconds), "balancer"];
export const asklepiosKeys: readonly string[] = Object.keys(defaultSeconds);

/** Where each of them goes. */
const meaning: Readonly<Record<SecondsKey, string>> = {
  sleep: "monitor-interval",
  kickout: "healthcheck.master",
  kickin: "recovery-hold",
};

/**
 * `sleep`, `kickout` and `kickin` are seconds, as bare numbers. A file with nothing but these and `balancer` means:
 * control-plane nodes only, no provider, local fencing without proof accepted, no new boot ID asked for.
 */
export function translateAsklepios(map: MapNode, file: string): { map: MapNode; problems: readonly Problem[] } {
  const keys = [...map.entries.keys()];
  const isWholeFile = keys.length > 0 && keys.every((key) => ownKeys.includes(key));
  const problems: Problem[] = [];
  let result = isWholeFile ? withAsklepiosMeaning(map) : map;
  for (const key of Object.keys(defaultSeconds) as SecondsKey[]) {
    const entry = map.entries.get(key);
    result = withoutKey(result, key);
    if (entry === undefined && !isWholeFile) continue;
    const least = key === "sleep" ? 1 : 0;
    const seconds = entry === undefined ? defaultSeconds[key] : secondsOf(entry.node, least);
    const problem = (message: string) => problems.push({ at: entry?.keyAt, source: file, path: key, message });
    if (seconds === undefined) problem(`expected seconds as a bare number of at least ${least}, as in 60`);
    else if (isTaken(result, key)) problem(`means the same as ${meaning[key]}: give one of the two`);
    else result = withDuration(result, key, fromPlain(`${seconds}s`, entry?.keyAt));
  }
  return { map: result, problems };
}

function secondsOf(node: TreeNode, least: number): number | undefined {
  const value = node.kind === "scalar" ? node.value : undefined;
  const isSeconds = typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= 1e9;
  return isSeconds ? value : undefined;
}

function isTaken(map: MapNode, key: SecondsKey): boolean {
  if (key !== "kickout") return map.entries.has(meaning[key]);
  const healthcheck = map.entries.get("healthcheck")?.node;
  return healthcheck !== undefined && (healthcheck.kind !== "map" || healthcheck.entries.has("master"));
}

function withDuration(map: MapNode, key: SecondsKey, duration: TreeNode): MapNode {
  if (key !== "kickout") return withKey(map, meaning[key], duration);
  const params = withKey(mapFromPlain({}, duration.at), "unhealthy-duration", duration);
  const check = withKey(mapFromPlain({ type: "NodeCondition" }, duration.at), "params", params);
  const healthcheck = mapUnder(map, "healthcheck") ?? mapFromPlain({ worker: defaultChecks });
  return withKey(map, "healthcheck", withKey(healthcheck, "master", { kind: "list", items: [check], at: duration.at }));
}

function withAsklepiosMeaning(map: MapNode): MapNode {
  const implied = mapFromPlain({
    "cloud-provider": "none",
    "worker-monitor-enabled": false,
    healthcheck: { worker: [] },
    fencing: { "accept-unproven": true, "require-reboot": false },
  });
  return { ...map, entries: new Map([...map.entries, ...implied.entries]) };
}
