import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { metrics } from "../../../src/http/metric-list.ts";
import { alertRules, metricNamesIn } from "../../support/alert-rules.ts";
import { loadText } from "../../support/config-loading.ts";
import { dashboard, dashboardExpressions } from "../../support/grafana-dashboard.ts";
import { anchorsOf, blocksOf, readPages } from "../../support/pages.ts";
import { cli } from "../cli/fake-ports.ts";

// biome-ignore lint/suspicious/noExplicitAny: YAML of ours, read by assertions
type Yaml = any;

const folder = new URL("../../../manifests/", import.meta.url);
const documentsOf = (name: string): Yaml[] =>
  parseAllDocuments(readFileSync(new URL(name, folder), "utf8")).map((one) => one.toJS());

/** Writes the dashboard anew instead of comparing it. */
const isWriting = process.env.ACESO_WRITE_DOCS === "1";

describe("the dashboard", () => {
  test("is what the sources make of it", () => {
    const file = new URL("monitoring/dashboard.json", folder);
    if (isWriting) writeFileSync(file, `${JSON.stringify(dashboard, null, 2)}\n`);
    const hint = "to write it anew: ACESO_WRITE_DOCS=1 npm run unit -- monitoring && npx biome check --write manifests";
    expect(JSON.parse(readFileSync(file, "utf8")), hint).toEqual(dashboard);
  });

  test("has panels that do not overlap and have numbers of their own", () => {
    const { panels }: Yaml = dashboard;
    expect(new Set(panels.map(({ id }: Yaml) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }: Yaml) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }: Yaml) => x + w <= 24)).toBe(true);
  });
});

describe("expressions", () => {
  const all = [...alertRules.map(({ expr }) => expr), ...dashboardExpressions];

  test("name metrics and labels that exist, and histograms by their series", () => {
    const unknown = all.flatMap(metricNamesIn).filter((name) => !(name in metrics));
    expect(unknown).toEqual([]);
    const bare = all.filter((expression) => {
      const histograms = Object.entries(metrics).filter(([, { kind }]) => kind === "histogram");
      return histograms.some(([name]) => new RegExp(`\\b${name}\\b`).test(expression));
    });
    expect(bare).toEqual([]);
    expect(all.flatMap(unknownLabels)).toEqual([]);
  });

  test("every gauge of the leader is told by an alert or shown on the dashboard", () => {
    const used = new Set(all.flatMap(metricNamesIn));
    const gauges = Object.entries(metrics).filter(([, spec]) => "of" in spec);
    expect(gauges.map(([name]) => name).filter((name) => !used.has(name))).toEqual([]);
  });
});

/** Matchers of one metric that name a label which it does not have. */
function unknownLabels(expression: string): string[] {
  return [...expression.matchAll(/\b(aceso_[a-z_]+)\{([^}]*)\}/g)].flatMap(([, series = "", matchers = ""]) => {
    const [name] = metricNamesIn(series) as [keyof typeof metrics];
    const known: readonly string[] = [...(metrics[name]?.labels ?? []), "job", "instance"];
    const named = [...matchers.matchAll(/([a-z_]+)(?:=~|!~|!=|=)/g)].map((it) => it[1] ?? "");
    return named.filter((label) => !known.includes(label)).map((label) => `${label} in ${expression}`);
  });
}

const pages = await readPages();

describe("alerts", () => {
  test.each(alertRules.map((rule) => [rule.alert, rule] as const))(
    "%s says what it is, what to do and where more stands",
    (_, rule) => {
      expect(Object.keys(rule.annotations)).toEqual(["summary", "description", "todo", "runbook"]);
      expect(rule.labels.severity).toMatch(/^(warning|critical)$/);
      const [file, anchor] = (rule.annotations.runbook ?? "").split("#");
      const page = pages.find((each) => each.file === file);
      expect(page === undefined ? [] : anchorsOf(page), rule.annotations.runbook).toContain(anchor);
    },
  );
});

test("the commands of aceso that alerts name exist, with their options", async () => {
  const named = alertRules.flatMap(({ annotations }) => [
    ...(annotations.todo ?? "").matchAll(/(?<!-n )\baceso ([a-z-]+)(?: NODE)?( --[a-z-]+)?/g),
  ]);
  expect(named.length).toBeGreaterThan(10);
  for (const [, command = "", option = ""] of named) {
    const { out, exitCode } = await cli([command, "--help"]);
    expect(exitCode, command).toBe(0);
    expect(out).toContain(option.trim());
  }
});

describe("reading the metrics", () => {
  const [role, binding, service, monitor] = documentsOf("monitoring/prometheus.yaml");
  const daemonSet = documentsOf("aceso.yaml").find(({ kind }) => kind === "DaemonSet");

  test("the service finds the replicas, and the monitor the service", () => {
    expect(daemonSet.spec.template.metadata.labels).toMatchObject(service.spec.selector);
    expect(service.metadata.labels).toMatchObject(monitor.spec.selector.matchLabels);
    expect(daemonSet.metadata.namespace).toBe(service.metadata.namespace);
    expect(monitor.spec.endpoints.map((it: Yaml) => it.port)).toEqual(service.spec.ports.map((it: Yaml) => it.name));
  });

  test("Prometheus may read /metrics and nothing else", () => {
    expect(role.rules).toEqual([{ nonResourceURLs: ["/metrics"], verbs: ["get"] }]);
    expect(binding.roleRef.name).toBe(role.metadata.name);
    expect(monitor.spec.endpoints[0].path).toBe("/metrics");
  });

  test("asks over TLS, and believes the certificate that cert-manager puts where the replicas read it", () => {
    const [endpoint] = monitor.spec.endpoints;
    const certificate = documentsOf("certificate.yaml").find(({ metadata }) => metadata.name === "aceso-tls");
    const { secretName, dnsNames } = certificate.spec;
    expect(endpoint).toMatchObject({
      scheme: "https",
      tlsConfig: { ca: { secret: { name: secretName, key: "ca.crt" } } },
    });
    expect(dnsNames).toContain(endpoint.tlsConfig.serverName);
    expect(endpoint.tlsConfig.serverName).toBe(`${service.metadata.name}.${service.metadata.namespace}.svc`);
    const { volumes, containers } = daemonSet.spec.template.spec;
    const { name } = volumes.find(({ secret }: Yaml) => secret?.secretName === secretName);
    const { mountPath } = containers[0].volumeMounts.find((it: Yaml) => it.name === name);
    const shown = pages.filter(({ file }) => /^docs\/(monitoring|status-page)\.md$/.test(file));
    const examples = shown
      .flatMap((page) => blocksOf(page, "yaml"))
      .filter((text) => text.includes("certificate-file"));
    const files = { certificateFile: `${mountPath}/tls.crt`, keyFile: `${mountPath}/tls.key` };
    expect(examples.map((text) => loadText(text).http.tls)).toEqual([files, files]);
  });

  test("without the operator it is the same", () => {
    const [{ scrape_configs: jobs }] = documentsOf("monitoring/scrape-config.yaml");
    const [endpoint] = monitor.spec.endpoints;
    expect(jobs).toMatchObject([
      {
        job_name: service.metadata.name,
        scheme: endpoint.scheme,
        tls_config: { server_name: endpoint.tlsConfig.serverName },
        authorization: { credentials_file: endpoint.bearerTokenFile },
        scrape_interval: endpoint.interval,
        scrape_timeout: endpoint.scrapeTimeout,
      },
    ]);
    const kept = `${service.metadata.name};${service.spec.ports[0].name}`;
    expect(jobs[0].relabel_configs[0]).toMatchObject({ regex: kept, action: "keep" });
  });
});
