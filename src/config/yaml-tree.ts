import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLParseError,
} from "yaml";
import { ConfigError, type Position } from "./problem.ts";

/** A ConfigMap holds at most 1 MiB, and so does a configuration file. */
export const maxFileBytes = 1_048_576;
export const maxAliases = 100;
/** Keys, list items and values together, aliases expanded. */
export const maxValues = 20_000;
const maxDepth = 50;

export interface ScalarNode {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** As written, so that a password of digits keeps its leading zeros. */
  readonly source: string;
  readonly at: Position | undefined;
}
export interface ListNode {
  readonly kind: "list";
  readonly items: readonly TreeNode[];
  readonly at: Position | undefined;
}
export interface Entry {
  readonly keyAt: Position | undefined;
  readonly node: TreeNode;
}
export interface MapNode {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Entry>;
  readonly at: Position | undefined;
}
/** A value of the file and where it stands. No position: the program put it there. */
export type TreeNode = ScalarNode | ListNode | MapNode;

/**
 * Reads one YAML document into a tree with positions.
 *
 * @throws ConfigError with every syntax error and duplicate key, or with the limit that the text breaks
 */
export function readYaml(text: string, file: string): MapNode {
  if (Buffer.byteLength(text) > maxFileBytes) {
    throw refused(file, undefined, `larger than ${maxFileBytes} bytes, the most that a ConfigMap can hold`);
  }
  return new TreeReader(text, file).read();
}

function refused(source: string, at: Position | undefined, message: string): ConfigError {
  return new ConfigError([{ at, source, path: "", message }]);
}

const notTheObject = "of a manifest only the text below the key config.yaml of its ConfigMap is meant";

class TreeReader {
  readonly #file: string;
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #anchors = new Map<string, Node>();
  readonly #problems: { at: Position | undefined; source: string; path: string; message: string }[] = [];
  #aliases = 0;
  #values = 0;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  read(): MapNode {
    const contents = this.#parse();
    const root = contents === null ? emptyMap : this.#node(contents, "", 0);
    if (this.#problems.length > 0) throw new ConfigError(this.#problems);
    if (root.kind === "map" && ["apiVersion", "kind"].every((key) => root.entries.has(key))) {
      throw refused(this.#file, root.at, `a Kubernetes object; ${notTheObject}`);
    }
    if (root.kind === "map") return root;
    if (root.kind === "scalar" && root.value === null) return emptyMap;
    throw refused(this.#file, root.at, "expected keys with values, as in `dry-run: true`");
  }

  #parse(): Node | null {
    // The library's own duplicate check compares every pair of keys: a large map would stall it, so it is done below.
    const options = { lineCounter: this.#lines, uniqueKeys: false, prettyErrors: false, logLevel: "error" } as const;
    try {
      const document = parseDocument(this.#text, options);
      for (const error of document.errors) {
        this.#problem(this.#position(error.pos[0]), "", syntaxText(error));
      }
      for (const warning of document.warnings) {
        if (warning.code === "TAG_RESOLVE_FAILED") this.#problem(this.#position(warning.pos[0]), "", unknownTag);
      }
      if (this.#problems.length === 0) return document.contents;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw refused(this.#file, undefined, `nested deeper than ${maxDepth} levels`);
    }
    throw new ConfigError(this.#problems);
  }

  #node(node: Node | null, path: string, depth: number): TreeNode {
    const at = this.#at(node);
    this.#values += 1;
    if (this.#values > maxValues) throw refused(this.#file, at, `more than ${maxValues} values, aliases expanded`);
    if (depth > maxDepth) throw refused(this.#file, at, `nested deeper than ${maxDepth} levels`);
    if (isAlias(node)) return this.#alias(node, path, depth);
    if (node !== null && "anchor" in node && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isMap(node)) return this.#map(node, path, depth);
    if (isSeq(node)) {
      const items = node.items.map((item, index) => this.#node(item as Node | null, `${path}[${index}]`, depth + 1));
      return { kind: "list", items, at };
    }
    return scalarOf(node, at);
  }

  #alias(alias: Alias, path: string, depth: number): TreeNode {
    this.#aliases += 1;
    const at = this.#at(alias);
    if (this.#aliases > maxAliases) throw refused(this.#file, at, `more than ${maxAliases} aliases, expanded`);
    const target = this.#anchors.get(alias.source);
    if (target === undefined) throw refused(this.#file, at, "an alias without an anchor before it");
    return this.#node(target, path, depth + 1);
  }

  #map(map: YAMLMap, path: string, depth: number): MapNode {
    const entries = new Map<string, Entry>();
    for (const pair of map.items as Pair<Node | null, Node | null>[]) {
      const keyAt = this.#at(pair.key) ?? this.#at(map);
      if (!isScalar(pair.key)) {
        this.#problem(keyAt, path, "expected a plain key");
        continue;
      }
      const key = keyText(pair.key.value);
      const inner = path === "" ? key : `${path}.${key}`;
      const first = entries.get(key);
      const node = this.#node(pair.value, inner, depth + 1);
      if (first === undefined) entries.set(key, { keyAt, node });
      else this.#problem(keyAt, inner, `duplicate key, first at line ${first.keyAt?.line ?? 0}`);
    }
    return { kind: "map", entries, at: this.#at(map) };
  }

  #at(node: Node | null): Position | undefined {
    const start = node?.range?.[0];
    return start === undefined ? undefined : this.#position(start);
  }

  #position(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  #problem(at: Position | undefined, path: string, message: string): void {
    this.#problems.push({ at, source: this.#file, path, message });
  }
}

const unknownTag = "expected a plain value; text that begins with ! must stand in quotes";

/** The parser quotes what it stumbled over, which may be half a password: its quotations are left out. */
function syntaxText(error: YAMLParseError): string {
  if (error.code === "MULTIPLE_DOCS") return `expected one YAML document, found several; ${notTheObject}`;
  return `not YAML: ${error.message.split("\n", 1)[0]?.replace(/: .*$/, "") ?? error.code}`;
}

const emptyMap: MapNode = { kind: "map", entries: new Map(), at: undefined };

function scalarOf(node: Node | null, at: Position | undefined): ScalarNode {
  if (!isScalar(node)) return { kind: "scalar", value: null, source: "", at };
  const { value } = node;
  const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  if (isPlain) return { kind: "scalar", value, source: node.source ?? String(value), at };
  return { kind: "scalar", value: null, source: node.source ?? "", at };
}

/** Keys are printed in messages and logs, so control characters are escaped and endless ones cut. */
function keyText(value: unknown): string {
  const text = typeof value === "string" ? value : String(value);
  const safe = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return safe.length <= 128 ? safe : `${safe.slice(0, 128)}…`;
}
