import { explain, explainAll } from "../core/explain.ts";
import { explanationJson } from "../core/explain-json.ts";
import type { NodeName } from "../core/model.ts";
import { patientOf, timeText } from "./build-ward.ts";
import { askForRepairs, type Home, pauseCluster, pauseNodes } from "./changes.ts";
import { notFound, Refusal } from "./refusal.ts";
import type { WardNode, WardNodes, WardPerson } from "./ward.ts";
import type { BuiltWard } from "./ward-feed.ts";
import type { Caller, WhoMay } from "./who-may.ts";

const usualNodes = 50;
const mostNodes = 500;

/** `GET /api/v1/nodes`. @throws Refusal 400 */
export function nodesPage({ sight }: BuiltWard, query: URLSearchParams): WardNodes {
  const { view, now } = sight;
  const limit = limitOf(query.get("limit"));
  const search = (query.get("search") ?? "").toLowerCase().slice(0, 253);
  const found = [...view.nodes.keys()].filter((name) => name.includes(search)).sort();
  const shown = explainAll(view, now, found.slice(0, limit));
  return {
    asOf: timeText(now.wallMs),
    total: found.length,
    nodes: shown.map(({ node, state, reason }) => ({
      name: node,
      role: view.nodes.get(node)?.role ?? "worker",
      state,
      reason,
    })),
  };
}

/** `GET /api/v1/nodes/NAME`. @throws Refusal 404 */
export function nodePage({ sight }: BuiltWard, name: NodeName): WardNode {
  const { view, now, leader, configSource, notes } = sight;
  if (!view.nodes.has(name) && !view.records.has(name)) throw notFound(`node "${name}"`);
  const explanation = explain(view, now, name);
  const known = { asOfWallMs: now.wallMs, leader: leader?.instance, config: configSource, notes };
  const told = explanationJson(explanation, known);
  const patient = patientOf(explanation, view, now);
  return { ...told, ...patient, next: { ...told.next, ...patient.next } };
}

/** `GET /api/v1/me`. */
export async function mePage({ person }: Caller, whoMay: WhoMay, home: Home): Promise<WardPerson> {
  const [mayPauseCluster, mayPauseNodes, ...mayAsk] = await Promise.all(
    [pauseCluster(home), pauseNodes, ...askForRepairs].map((right) => whoMay.may(person, right)),
  );
  return {
    name: person.name,
    mayPauseCluster: home.daemonSet !== undefined && mayPauseCluster === true,
    mayPauseNodes: mayPauseNodes === true,
    mayRepair: mayAsk.every(Boolean),
  };
}

function limitOf(text: string | null): number {
  if (text === null) return usualNodes;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > mostNodes) throw new Refusal(400, "bad-request", `limit: expected 1 to ${mostNodes}`);
  return limit;
}
