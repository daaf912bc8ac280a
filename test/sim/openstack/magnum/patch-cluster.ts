import type { Fields } from "../../kube/object.ts";
import type { Cluster } from "../containers/cluster.ts";
import { groupsOf } from "../containers/cluster.ts";
import { type CloudAnswer, json } from "../http/answer.ts";
import { clusterOf, invalid, type MagnumCall, refuse } from "./context.ts";

const healthStatuses = ["HEALTHY", "UNHEALTHY", "UNKNOWN"];

/** `PATCH /clusters/ID` with a JSON patch. @throws Refusal */
export function patchCluster(call: MagnumCall, nameOrId: string): CloudAnswer {
  const cluster = clusterOf(call, nameOrId);
  const operations: unknown = call.request.body;
  if (!Array.isArray(operations)) {
    const shown = python(operations);
    throw invalid("patch", shown, `Value not a valid list: ${shown}`);
  }
  const health: { status?: string; reason?: Record<string, string> } = {};
  let count: number | undefined;
  for (const { op, path, value } of operations as Fields[]) {
    const property = String(path).split("/")[1] ?? "";
    if (property === "health_status" || property === "health_status_reason") {
      if (op === "add") {
        throw refuse(400, `The attribute ${path} has existed, please use 'replace' operation instead.`);
      }
      if (property === "health_status") health.status = statusIn(value);
      else health.reason = reasonIn(path, op, value);
    } else if (property === "node_count") count = Number(value);
    else throw refuse(400, `cannot change cluster property(ies) ${property}.`);
  }
  apply(call, cluster, health, count);
  return json(202, { uuid: cluster.uuid });
}

function apply(
  { clusters }: MagnumCall,
  cluster: Cluster,
  health: { status?: string; reason?: Record<string, string> },
  count: number | undefined,
): void {
  if (health.status !== undefined || health.reason !== undefined) clusters.setHealth(cluster, health);
  const [workers] = groupsOf(cluster, "worker");
  if (count !== undefined && workers !== undefined) clusters.resize(cluster, workers, count, []);
}

function statusIn(value: unknown): string {
  if (typeof value === "string" && healthStatuses.includes(value)) return value;
  throw invalid("health_status", value, `Value should be one of: ${healthStatuses.join(", ")}`);
}

/** Magnum runs Python's literal_eval on it, so the words of JSON that Python does not know are refused. */
function reasonIn(path: string, op: string, value: unknown): Record<string, string> {
  if (typeof value !== "string") {
    const shown = python(value);
    throw invalid("value", shown, "Wrong type. Expected '(<class 'str'>, <class 'int'>)', got '<class 'dict'>'");
  }
  const reason = dictOf(value);
  if (reason !== undefined) return reason;
  const patch = `Couldn't apply patch '[{'path': '${path}', 'op': '${op}', 'value': '${value}'}]'`;
  throw refuse(400, `${patch}. Reason: malformed node or string on line 1: <ast.Name object at 0x7f8080ea4c40>`);
}

function dictOf(text: string): Record<string, string> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
    const values = Object.values(parsed);
    return values.every((value) => typeof value === "string") ? (parsed as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
}

function python(value: unknown): string {
  return JSON.stringify(value ?? null).replaceAll('"', "'");
}
