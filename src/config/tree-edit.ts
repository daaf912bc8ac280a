import type { Position } from "./problem.ts";
import type { Entry, MapNode, TreeNode } from "./yaml-tree.ts";

/** A tree of plain values, every node at the same place of the file (undefined: not from the file). */
export function fromPlain(value: unknown, at?: Position): TreeNode {
  if (Array.isArray(value)) return { kind: "list", items: value.map((item) => fromPlain(item, at)), at };
  if (typeof value === "object" && value !== null) return mapFromPlain(value, at);
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return { kind: "scalar", value, source: String(value), at };
  }
  return { kind: "scalar", value: null, source: "", at };
}

export function mapFromPlain(value: object, at?: Position): MapNode {
  const entries = Object.entries(value).map(([key, inner]): [string, Entry] => [
    key,
    { keyAt: at, node: fromPlain(inner, at) },
  ]);
  return { kind: "map", entries: new Map(entries), at };
}

/** The same map with one key set, at its old place if it has one. */
export function withKey(map: MapNode, key: string, node: TreeNode): MapNode {
  const keyAt = map.entries.get(key)?.keyAt ?? node.at;
  return { ...map, entries: new Map(map.entries).set(key, { keyAt, node }) };
}

/** The same map without one key. */
export function withoutKey(map: MapNode, key: string): MapNode {
  return { ...map, entries: new Map([...map.entries].filter(([other]) => other !== key)) };
}

/** The map under a key; undefined when there is none or it is no map. */
export function mapUnder(map: MapNode, key: string): MapNode | undefined {
  const node = map.entries.get(key)?.node;
  return node?.kind === "map" ? node : undefined;
}
