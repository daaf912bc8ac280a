import { expect, test } from "vitest";
import { load } from "../../../src/config/load.ts";
import { readPluginPaths } from "../../../src/config/plugin-paths.ts";
import { ConfigError } from "../../../src/config/problem.ts";
import { toPolicy } from "../../../src/config/to-policy.ts";
import { defineHealthCheck, defineProvider, type ParamValues } from "../../../src/plugin-api/index.ts";
import { loadText, problemsOf, registry } from "../../support/config-loading.ts";

const passing = { evaluate: () => ({ verdict: "pass" as const, message: "" }) };

test("checks of one type are numbered within their role", () => {
  const list = "[{type: NodeCondition}, {type: NodeLease}, {type: NodeCondition}, {type: NodeCondition}]";
  const config = loadText(`healthcheck: {master: ${list}, worker: ${list}}\n`);
  const ids = ["NodeCondition", "NodeLease", "NodeCondition#2", "NodeCondition#3"];
  expect(config.checks.master.map((check) => check.id)).toEqual(ids);
  expect(config.checks.worker.map((check) => check.id)).toEqual(ids);
});

test("interval, timeout and duration belong to the runner and are not handed to the plugin", () => {
  const params = "{interval: 7s, timeout: 800ms, unhealthy-duration: 0s, types: [Ready, DiskPressure]}";
  const [check] = loadText(`monitor-interval: 9s\nhealthcheck: {worker: [{type: NodeCondition, params: ${params}}]}\n`)
    .checks.worker;
  expect(check).toMatchObject({
    intervalMs: 7_000,
    timeoutMs: 800,
    unhealthyDurationMs: 0,
    params: { types: ["Ready", "DiskPressure"] },
  });
  expect(Object.keys(check?.params ?? {}).sort()).toEqual(["error-values", "ok-values", "types"]);
});

test("a plugin may have its own default for unhealthy-duration", () => {
  const own = { "unhealthy-duration": { doc: "", format: "duration", default: "7s" } } as const;
  const check = defineHealthCheck({ id: "Mine", summary: "", params: own, create: () => passing });
  const checks = new Map([...registry.checks, ["Mine", check]]);
  const config = load("healthcheck: {worker: [{type: Mine}]}\n", { file: "c", registry: { ...registry, checks } });
  expect(config.checks.worker[0]).toMatchObject({ unhealthyDurationMs: 7_000, params: {} });
});

test("the whole configuration is frozen", () => {
  const config = loadText("exec: {command: [/bin/x]}\n");
  expect(() => Object.assign(config.policy.fencing, { acceptUnproven: true })).toThrow(TypeError);
  expect(Object.isFrozen(config.provider?.params.command)).toBe(true);
});

test("plugins can be read before anything else is understood", () => {
  const text = "plugins: [{path: /etc/x.mjs}, {path: y.mjs}]\nunknown-provider: {a: 1}\nsilence: 5\n";
  expect(readPluginPaths(text, "c")).toEqual([{ path: "/etc/x.mjs" }, { path: "y.mjs" }]);
  expect(readPluginPaths("", "c")).toEqual([]);
  expect(readPluginPaths("plugins: [{pth: x}, {path: y.mjs}]", "c")).toEqual([{ path: "y.mjs" }]);
  expect(() => readPluginPaths("plugins: [", "c")).toThrow(ConfigError);
});

test("a foreign provider brings its own section, but not under the name of another key", () => {
  const named = (id: string) =>
    defineProvider({
      id,
      summary: "",
      params: { zone: { doc: "", format: "string", default: "a" } },
      create(_params: ParamValues) {
        throw new Error("not made here");
      },
    });
  const withProvider = (id: string) => ({ ...registry, providers: new Map([...registry.providers, [id, named(id)]]) });
  const config = load("acme: {zone: b}\n", { file: "c", registry: withProvider("acme") });
  expect(config.provider).toEqual({ id: "acme", params: { zone: "b" } });
  expect(() => load("", { file: "c", registry: withProvider("fencing") })).toThrow(
    "plugins fencing: a provider plugin has the name of a configuration key",
  );
});

test("the provider's ladder counts where the file names none, and what it cannot climb is refused", () => {
  const provider = {
    id: "exec",
    capabilities: ["observe", "power-off", "power-on"] as const,
    defaultLadder: () => ["power-cycle"] as const,
  };
  const policy = toPolicy(loadText("exec: {command: [/bin/x]}\n"), provider);
  expect(policy.ladder).toEqual({ master: ["power-cycle"], worker: ["power-cycle"] });
  expect(policy.provider).toMatchObject({ id: "exec", capabilities: provider.capabilities });
  const ambitious = loadText("exec: {command: [/bin/x]}\nladder: {worker: [power-cycle, rebuild]}\n");
  expect(() => toPolicy(ambitious, provider)).toThrow(ConfigError);
  expect(() => toPolicy(ambitious, provider)).toThrow(
    "ladder.worker: rebuild needs rebuild, which provider exec cannot do",
  );
});

test("a provider's own ladder is kept from losing an etcd member", () => {
  const capabilities = ["observe", "power-off", "power-on", "replace"] as const;
  const provider = { id: "exec", capabilities, defaultLadder: () => ["power-cycle", "replace"] as const };
  const stacked = toPolicy(loadText("exec: {command: [/bin/x]}\n"), provider);
  expect(stacked.ladder).toEqual({ master: ["power-cycle"], worker: ["power-cycle", "replace"] });
  const external = toPolicy(loadText("exec: {command: [/bin/x]}\ncontrol-plane: {etcd: external}\n"), provider);
  expect(external.ladder.master).toEqual(["power-cycle", "replace"]);
});

test("a role that the section leaves out has no checks, which is said unless it is not looked after", () => {
  const text = "exec: {command: [/bin/x]}\nhealthcheck:\n  master: [{type: NodeLease}]\n";
  const config = loadText(text);
  expect(config.checks.worker).toEqual([]);
  expect(config.warnings).toEqual([
    "config.yaml:3:3 healthcheck.worker: no checks: only machines found off will be noticed",
  ]);
  expect(loadText(`${text}worker-monitor-enabled: false\n`).warnings).toEqual([]);
});

test("a check that asks the machines' owner is refused where there is none", () => {
  const text = "healthcheck:\n  worker: [{type: ProviderState}]\n";
  expect(problemsOf(`${text}fencing: {accept-unproven: true}\n`)).toEqual([
    "config.yaml:2:13 healthcheck.worker[0].type: ProviderState asks the machines' owner, and there is no provider",
  ]);
  expect(loadText(`${text}exec: {command: [/bin/x]}\n`).checks.worker).toMatchObject([{ type: "ProviderState" }]);
});
