import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { loadPlugins } from "../../../src/app/plugin-loading.ts";
import { load } from "../../../src/config/load.ts";
import { effects } from "../../../src/core/record.ts";
import { fromNodeRepair } from "../../../src/kube/record-codec.ts";
import { toStatusPatch } from "../../../src/kube/record-status.ts";
import { toReportSpec } from "../../../src/kube/report-codec.ts";
import { grantedRights, refusals, serviceAccount, unusedRights, usedRights } from "../../support/rights.ts";

// biome-ignore lint/suspicious/noExplicitAny: YAML of ours, read by assertions
type Yaml = any;

const folder = join(import.meta.dirname, "../../../manifests");
const text = readFileSync(join(folder, "aceso.yaml"), "utf8");
const documents: Yaml[] = parseAllDocuments(text).map((one) => one.toJS());
const crdFiles = readdirSync(join(folder, "crds"));
const byKind = (kind: string): Yaml[] => documents.filter((one) => one.kind === kind);

test("holds the same custom resources as manifests/crds", () => {
  const apart = crdFiles.map((name) => parse(readFileSync(join(folder, "crds", name), "utf8")));
  const byName = (left: Yaml, right: Yaml) => left.metadata.name.localeCompare(right.metadata.name);
  expect(byKind("CustomResourceDefinition").sort(byName)).toEqual(apart.sort(byName));
});

test("comes in an order that kubectl create can follow, policies last", () => {
  const kinds = documents.map(({ kind }) => kind);
  const policies = kinds.findIndex((kind) => kind.startsWith("ValidatingAdmission"));
  expect(kinds[0]).toBe("Namespace");
  expect(kinds.slice(policies).every((kind: string) => kind.startsWith("ValidatingAdmission"))).toBe(true);
});

describe("rights", () => {
  const rights = grantedRights();

  test("name every group, resource and verb", () => {
    const all = rights.flatMap(({ group, resource, verb }) => [group, resource, verb]);
    expect(all.filter((word) => word.includes("*"))).toEqual([]);
  });

  test.each(["nodes/proxy", "secrets", "pods/exec", "nodes/status", "serviceaccounts/token"])(
    "do not touch %s",
    (name) => {
      expect(rights.filter(({ resource }) => resource === name)).toEqual([]);
    },
  );

  test("are given once each", () => {
    const keys = rights.map((right) => JSON.stringify(right));
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  test("only the program's own requests count, and refused ones are told apart", () => {
    const event = {
      verb: "patch",
      requestURI: "/api/v1/nodes/n",
      user: { username: serviceAccount },
      userAgent: "aceso",
      objectRef: { resource: "nodes", name: "n" },
      responseStatus: { code: 200 },
      requestReceivedTimestamp: "",
      stageTimestamp: "",
    };
    const events = [
      event,
      { ...event, responseStatus: { code: 403, message: "no" } },
      { ...event, userAgent: "node", verb: "delete", responseStatus: { code: 403 } },
    ];
    expect(usedRights(events)).toEqual([{ namespace: "", group: "", resource: "nodes", verb: "patch" }]);
    expect(refusals(events)).toEqual(["patch /api/v1/nodes/n: no"]);
  });

  test("a right counts as used only in its namespace, unless it was given in all", () => {
    const patch = { group: "", resource: "pods", verb: "delete" };
    const granted = [
      { ...patch, namespace: "*" },
      { ...patch, namespace: "aceso" },
    ];
    expect(unusedRights(granted, [{ ...patch, namespace: "default" }])).toEqual([granted[1]]);
  });
});

describe("the DaemonSet", () => {
  const [daemonSet] = byKind("DaemonSet");
  const pod = daemonSet.spec.template.spec;
  const [container] = pod.containers;

  test("runs without root, capabilities, or a writable root file system", () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  test("stays on a node whatever its taints", () => {
    expect(pod.tolerations).toEqual(
      expect.arrayContaining([
        { operator: "Exists", effect: "NoSchedule" },
        { operator: "Exists", effect: "NoExecute" },
      ]),
    );
  });

  test("is probed where the configuration serves the probes", () => {
    const { http } = parse(byKind("ConfigMap")[0].data["config.yaml"]);
    for (const probe of [container.livenessProbe, container.readinessProbe]) {
      expect(`${probe.httpGet.host}:${probe.httpGet.port}`).toBe(http.probes);
    }
  });
});

describe("config.yaml", () => {
  const shipped: string = byKind("ConfigMap")[0].data["config.yaml"];

  test("does nothing until a person says so, and never fences without proof", async () => {
    const registry = await loadPlugins();
    const config = load(shipped, { file: "config.yaml", registry });
    expect(config.policy).toMatchObject({ isDryRun: true, fencing: { acceptUnproven: false } });
    expect(config.provider).toBeUndefined();
    expect(config.warnings).toEqual([expect.stringContaining("nothing can be fenced")]);
  });

  test("loads with every commented key put in", async () => {
    const registry = await loadPlugins();
    const whole = shipped.replaceAll(/^# (?=[a-z-]+:| {2})/gm, "");
    const config = load(whole, { file: "config.yaml", registry });
    expect(config.provider?.id).toBe("exec");
    expect(config.policy.fencing.acceptUnproven).toBe(true);
  });
});

describe("schemas", () => {
  const schemaOf = (name: string): Yaml =>
    byKind("CustomResourceDefinition").find((crd) => crd.metadata.name.startsWith(name)).spec.versions[0].schema
      .openAPIV3Schema.properties;

  test("NodeRepair describes every field that the journal writes", () => {
    expect(undescribed(toStatusPatch(fullRecord()), schemaOf("noderepairs").status, "status")).toEqual([]);
  });

  test("ObserverReport describes every field that a replica writes", () => {
    const at = { node: "n", check: "c" };
    const spec = toReportSpec({
      node: "n",
      instance: "i",
      sweptAtWallMs: 0,
      intervalMs: 1,
      targets: 1,
      failing: [{ ...at, nodeUid: "u", sinceWallMs: 0, message: "m" }],
      unknown: [at],
      suspectsSelf: false,
    });
    expect(undescribed(spec, schemaOf("observerreports").spec, "spec")).toEqual([]);
  });
});

/** Paths of values that the schema does not mention, or mentions with another type. */
function undescribed(value: unknown, schema: Yaml, path: string): string[] {
  if (schema === undefined) return [path];
  if (value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => undescribed(item, schema.items, `${path}[]`));
  if (typeof value === "object") {
    return Object.entries(value).flatMap(([key, inner]) =>
      undescribed(inner, schema.properties?.[key], `${path}.${key}`),
    );
  }
  const type = typeof value === "number" ? "integer" : typeof value;
  return schema.type === type ? [] : [`${path}: ${schema.type}, written as ${type}`];
}

/** A record with something in every field, by way of the codec, so that a new field shows up here. */
function fullRecord() {
  const time = "2026-01-01T00:00:00.000Z";
  const effect = effects[0];
  const ms = 1;
  const status = {
    version: 1,
    id: "r",
    handledRequest: "q",
    refusedRequest: { id: "q", because: "b" },
    phase: "Releasing",
    outcome: "Held",
    rung: "power-cycle",
    attempt: 1,
    reason: "silent",
    message: "m",
    startedAt: time,
    phaseStartedAt: time,
    leader: "l",
    leaseTransitions: 1,
    plan: {
      mode: "silent",
      ladder: ["power-cycle"],
      foundOff: false,
      requireReboot: true,
      drainTimeoutMs: ms,
      powerOffTimeoutMs: ms,
      releaseTimeoutMs: ms,
      rungTimeoutMs: ms,
      rebootTimeoutMs: ms,
      recoveryHoldMs: ms,
    },
    intent: { effect, id: "i", startedAt: time, deadline: time },
    result: { effect, id: "i", outcome: "done", message: "m", remedy: "retry", endedAt: time },
    evidence: [{ source: "s", machine: "vm", value: "off", text: "t", readAt: time }],
    marks: { cordon: { wasUnschedulable: false, at: time }, outOfService: { at: time } },
    identity: { nodeUid: "u", providerID: "p", systemUUID: "s", machine: "vm", bootID: "b" },
    attempts: [{ rung: "power-cycle", count: 1, lastAt: time }],
    hasActed: true,
    isReleaseOverdue: true,
    confirmedOff: { bootID: "b", at: time },
    history: [{ startedAt: time, endedAt: time, outcome: "Healed", rung: "power-cycle", reason: "r" }],
  };
  const stored = fromNodeRepair({ metadata: { name: "n", resourceVersion: "1" }, spec: {}, status });
  if (stored.kind !== "record") throw new Error(stored.unreadable.problem);
  return stored.record;
}
