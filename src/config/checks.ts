import type { Role } from "../core/model.ts";
import type { HealthCheckPlugin } from "../plugin-api/health-check.ts";
import { nearest } from "../util/nearest.ts";
import type { CheckConfig } from "./config.ts";
import { credentialWarnings } from "./credentials.ts";
import type { KeySchema } from "./keys.ts";
import { noLayers } from "./layers.ts";
import { type Position, type Problem, problemText } from "./problem.ts";
import { defaultChecks, runnerKeys } from "./schema.ts";
import { readSection, type SectionValues, withMistakes } from "./section.ts";
import { fromPlain, mapFromPlain } from "./tree-edit.ts";
import type { MapNode, TreeNode } from "./yaml-tree.ts";

export interface CheckInput {
  /** The section `healthcheck`; undefined: not in the file. */
  readonly healthcheck: MapNode | undefined;
  readonly types: ReadonlyMap<string, HealthCheckPlugin>;
  readonly file: string;
  readonly monitorIntervalMs: number;
  readonly hasProvider: boolean;
  isMonitored(role: Role): boolean;
}

export interface ChecksRead {
  readonly checks: Record<Role, CheckConfig[]>;
  readonly shown: Record<Role, object[]>;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

const roles: readonly Role[] = ["master", "worker"];

/**
 * Reads both lists item by item: one bad item hides none of the others' mistakes. Without the section both roles get
 * the default checks; a role that the section leaves out gets none, as in magnum-auto-healer.
 */
export function readChecks(input: CheckInput): ChecksRead {
  const shape = {
    schema: {},
    map: input.healthcheck,
    file: input.file,
    path: "healthcheck",
    layers: noLayers,
    otherKeys: roles,
  };
  const checks: ChecksRead["checks"] = { master: [], worker: [] };
  const shown: ChecksRead["shown"] = { master: [], worker: [] };
  const warnings: string[] = [];
  const problems = [...readSection(shape).problems];
  for (const role of roles) {
    const entry = input.healthcheck?.entries.get(role);
    const list = entry?.node ?? fromPlain(input.healthcheck === undefined ? defaultChecks : []);
    const path = `healthcheck.${role}`;
    if (list.kind !== "list") {
      problems.push({ at: entry?.keyAt, source: input.file, path, message: "expected a list of checks" });
      continue;
    }
    if (list.items.length === 0 && input.isMonitored(role)) warnings.push(noChecks(input, path, entry?.keyAt));
    for (const [index, item] of list.items.entries()) {
      const read = readCheck(input, item, `${path}[${index}]`);
      problems.push(...read.problems);
      if (read.section === undefined) continue;
      const id = numbered(read.type, checks[role]);
      checks[role].push({ id, type: read.type, role, ...split(read.section.values, input.monitorIntervalMs) });
      shown[role].push({ type: read.type, params: read.section.shown });
      warnings.push(...read.warnings);
    }
  }
  return { checks, shown, problems, warnings };
}

function noChecks({ file, healthcheck }: CheckInput, path: string, keyAt: Position | undefined): string {
  const message = "no checks: only machines found off will be noticed";
  return problemText({ at: keyAt ?? healthcheck?.at, source: file, path, message });
}

interface ItemRead {
  readonly type: string;
  readonly section: SectionValues | undefined;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

function readCheck(input: CheckInput, item: TreeNode, path: string): ItemRead {
  const failed = (problems: readonly Problem[]): ItemRead => ({ type: "", section: undefined, problems, warnings: [] });
  const problem = (at: TreeNode["at"], where: string, message: string): Problem => ({
    at,
    source: input.file,
    path: where,
    message,
  });
  if (item.kind !== "map") return failed([problem(item.at, path, "expected a check: type and params")]);
  const schema = { type: { doc: "", format: "string", default: null, required: true } } as const;
  const head = readSection({ schema, map: item, file: input.file, path, layers: noLayers, otherKeys: ["params"] });
  const type = String(head.values.type ?? "");
  const plugin = input.types.get(type);
  const params = item.entries.get("params");
  const problems = [...head.problems];
  if (params !== undefined && params.node.kind !== "map") {
    problems.push(problem(params.keyAt, `${path}.params`, "expected a section, keys with values"));
  }
  if (plugin === undefined) {
    const at = item.entries.get("type")?.keyAt ?? item.at;
    const isNamed = head.problems.length === 0;
    return failed(isNamed ? [...problems, problem(at, `${path}.type`, unknownType(type, input.types))] : problems);
  }
  if (plugin.needsPower === true && !input.hasProvider) {
    const at = item.entries.get("type")?.keyAt ?? item.at;
    problems.push(problem(at, `${path}.type`, `${type} asks the machines' owner, and there is no provider`));
  }
  const map = params?.node.kind === "map" ? params.node : mapFromPlain({}, item.at);
  const section = { schema: checkSchema(plugin), map, file: input.file, path: `${path}.params`, layers: noLayers };
  const values = withMistakes(section, readSection(section), plugin);
  problems.push(...values.problems);
  if (problems.length > 0) return failed(problems);
  return { type, section: values, problems, warnings: credentialWarnings(section) };
}

function unknownType(type: string, types: ReadonlyMap<string, unknown>): string {
  const hint = nearest(type, types.keys());
  const known = `expected one of ${[...types.keys()].sort().join(", ")}`;
  return hint === undefined ? known : `${known}; did you mean ${hint}?`;
}

/** The plugin's parameters and the runner's. A plugin may declare another default for `unhealthy-duration`. */
export function checkSchema(plugin: HealthCheckPlugin): KeySchema {
  const ownDefault = plugin.params["unhealthy-duration"]?.default;
  const duration = runnerKeys["unhealthy-duration"];
  return {
    ...plugin.params,
    ...runnerKeys,
    "unhealthy-duration": { ...duration, default: ownDefault ?? duration.default },
  };
}

function numbered(type: string, before: readonly CheckConfig[]): string {
  const sameType = before.filter((check) => check.type === type).length;
  return sameType === 0 ? type : `${type}#${sameType + 1}`;
}

/** Tells the runner's values from the plugin's own. */
function split(values: SectionValues["values"], monitorIntervalMs: number): Omit<CheckConfig, "id" | "type" | "role"> {
  const own = Object.entries(values).filter(([key]) => !(key in runnerKeys));
  return {
    params: Object.fromEntries(own),
    unhealthyDurationMs: values["unhealthy-duration"] as number,
    intervalMs: (values.interval as number | undefined) ?? monitorIntervalMs,
    timeoutMs: values.timeout as number,
  };
}
