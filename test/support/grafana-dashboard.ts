import { dashboardRows, type Panel } from "./dashboard-panels.ts";

const panelHeight = 7;
// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana's
const source = { type: "prometheus", uid: "${datasource}" };

/** Every expression of every panel. */
export const dashboardExpressions: readonly string[] = dashboardRows.flatMap(({ panels }) =>
  panels.flatMap(({ shows }) => shows.map(([expression]) => expression)),
);

function makeDashboard(): object {
  const panels: object[] = [];
  let y = 0;
  for (const row of dashboardRows) {
    panels.push({
      id: panels.length + 1,
      type: "row",
      title: row.title,
      gridPos: { x: 0, y, w: 24, h: 1 },
      panels: [],
    });
    y += 1;
    let x = 0;
    for (const panel of row.panels) {
      if (x + panel.width > 24) [x, y] = [0, y + panelHeight];
      panels.push(panelOf(panel, panels.length + 1, x, y));
      x += panel.width;
    }
    y += panelHeight;
  }
  return {
    uid: "aceso",
    title: "Aceso",
    tags: ["kubernetes", "aceso"],
    schemaVersion: 37,
    editable: true,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    templating: { list: [{ name: "datasource", type: "datasource", query: "prometheus" }, jobVariable] },
    panels,
  };
}

const jobVariable = {
  name: "job",
  type: "query",
  datasource: source,
  query: { query: "label_values(aceso_leader, job)", refId: "job" },
  definition: "label_values(aceso_leader, job)",
  includeAll: true,
  multi: true,
  refresh: 2,
  current: { text: "All", value: "$__all" },
};

function panelOf(
  { title, about, type, shows, unit = "short", width }: Panel,
  id: number,
  x: number,
  y: number,
): object {
  const isNow = type === "stat" || type === "table";
  return {
    id,
    type,
    title,
    ...(about !== "" && { description: about }),
    datasource: source,
    gridPos: { x, y, w: width, h: panelHeight },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    ...(type === "stat" && { options: { reduceOptions: { calcs: ["lastNotNull"] }, colorMode: "none" } }),
    targets: shows.map(([expr, legendFormat], index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: source,
      expr,
      legendFormat,
      ...(isNow && { instant: true, range: false }),
      ...(type === "table" && { format: "table" }),
    })),
  };
}

/** What Grafana 9 or newer imports. */
export const dashboard = makeDashboard();
