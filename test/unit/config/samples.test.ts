import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { toPolicy } from "../../../src/config/to-policy.ts";
import { loadText, problemsOf } from "../../support/config-loading.ts";

const sample = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");

describe("the sample of magnum-auto-healer", () => {
  const config = loadText(sample("magnum-auto-healer.yaml"));

  test("keeps its meaning", () => {
    expect(config.clusterName).toBe("1647ab6a-423b-433e-a6be-1633dc2c60e6");
    expect(config.monitorIntervalMs).toBe(15_000);
    expect(config.policy).toMatchObject({
      isDryRun: false,
      checkDelayAfterAddMs: 1_200_000,
      monitored: { master: true, worker: true },
    });
    expect(config.leaderElect).toBe(true);
  });

  test("keeps its checks, with the runner's durations beside the plugin's parameters", () => {
    expect(config.checks.master).toMatchObject([
      { id: "Endpoint", role: "master", unhealthyDurationMs: 30_000, intervalMs: 15_000, timeoutMs: 5_000 },
      { id: "NodeCondition", role: "master", unhealthyDurationMs: 60_000 },
    ]);
    expect(config.checks.master[0]?.params).toMatchObject({
      protocol: "HTTPS",
      port: 6443,
      endpoints: ["/healthz"],
      "ok-codes": [200],
    });
    expect(config.checks.master[0]?.params).not.toHaveProperty("unhealthy-duration");
    expect(config.checks.worker.map((check) => check.id)).toEqual(["NodeCondition"]);
  });

  test("chooses openstack because the section is there, and hands its secret to the plugin only", () => {
    expect(config.provider?.id).toBe("openstack");
    expect(config.provider?.params).toMatchObject({
      password: "MyKeystoneUserPassword",
      region: "RegionOne",
      "tls-insecure": undefined,
    });
    expect(JSON.stringify([config.effective, config.warnings])).not.toContain("MyKeystoneUserPassword");
  });

  test("is warned about the password in the file", () => {
    expect(config.warnings).toEqual([
      "config.yaml:19:3 openstack.password: a credential in plain text, readable for all who may read this file; password-file keeps it in a mounted Secret",
    ]);
  });
});

describe("the sample of Asklepios", () => {
  const config = loadText(sample("asklepios.yaml"));

  test("means local fencing without proof, of control-plane nodes only", () => {
    expect(config.provider).toBeUndefined();
    expect(config.policy.fencing).toMatchObject({ acceptUnproven: true, requireReboot: false });
    expect(config.policy.monitored).toEqual({ master: true, worker: false });
    expect(config.warnings).toEqual([]);
  });

  test("takes sleep, kickout and kickin as seconds", () => {
    expect([config.monitorIntervalMs, config.policy.recoveryHoldMs]).toEqual([10_000, 60_000]);
    expect(config.checks.master).toMatchObject([
      { id: "NodeCondition", unhealthyDurationMs: 60_000, params: { types: ["Ready"] } },
    ]);
    expect(config.checks.worker).toEqual([]);
  });

  test("fills in Asklepios' own defaults for keys that are absent", () => {
    const onlyOne = loadText("balancer: true\n");
    expect([onlyOne.monitorIntervalMs, onlyOne.policy.recoveryHoldMs, onlyOne.balancer]).toEqual([
      10_000,
      60_000,
      true,
    ]);
    expect(onlyOne.checks.master[0]?.unhealthyDurationMs).toBe(60_000);
  });

  test("gives its keys no such meaning beside any other key", () => {
    const mixed = loadText("kickin: 90\nkickout: 30\ndry-run: true\n");
    expect(mixed.policy.recoveryHoldMs).toBe(90_000);
    expect(mixed.checks.master).toMatchObject([{ type: "NodeCondition", unhealthyDurationMs: 30_000 }]);
    expect(mixed.policy.fencing.acceptUnproven).toBe(false);
    expect(mixed.policy.monitored.worker).toBe(true);
    expect(mixed.checks.worker.map((check) => check.type)).toEqual(["NodeLease", "NodeCondition"]);
  });

  test("lets the environment overrule what its keys imply", () => {
    const stricter = loadText(sample("asklepios.yaml"), { env: { ACESO_FENCING_ACCEPT_UNPROVEN: "false" } });
    expect(stricter.policy.fencing.acceptUnproven).toBe(false);
  });
});

describe("keys of magnum-auto-healer that are not in its sample", () => {
  test("unhealthy-annotation is accepted and said to have no effect", () => {
    const text =
      "healthcheck:\n  worker:\n    - type: Endpoint\n      params:\n        unhealthy-annotation: autohealing/unhealthy\nmaster-monitor-enabled: false\nfencing: {accept-unproven: true}\n";
    expect(loadText(text).warnings).toEqual([
      "config.yaml:5:9 healthcheck.worker[0].params.unhealthy-annotation: has no effect: since when a check fails is kept in the ObserverReport",
    ]);
  });

  test.each(['"true"', "true"])("tls-insecure may be the text or the flag: %s", (written) => {
    const user = "  user-id: u\n  password-file: /secret/password\n";
    const config = loadText(`openstack:\n  auth-url: https://keystone:5000/v3\n${user}  tls-insecure: ${written}\n`);
    expect(config.provider?.params["tls-insecure"]).toBe(true);
  });

  test("every key of its openstack section is accepted", () => {
    const words = [
      "user-id",
      "username",
      "password",
      "project-id",
      "project-name",
      "trust-id",
      "trustee-id",
      "trustee-password",
      "domain-id",
      "domain-name",
      "project-domain-id",
      "project-domain-name",
      "user-domain-id",
      "user-domain-name",
      "region",
      "ca-file",
      "cert-file",
      "key-file",
      "clouds-file",
      "cloud",
      "application-credential-id",
      "application-credential-name",
      "application-credential-secret",
    ];
    const lines = words.map((key) => `  ${key}: some-${key}`);
    const text = [
      "openstack:",
      "  auth-url: https://keystone:5000/v3",
      "  os-endpoint-type: internalURL",
      "  use-clouds: false",
      ...lines,
      "",
    ].join("\n");
    expect(problemsOf(text)).toEqual([]);
    expect(loadText(text).warnings).toHaveLength(3);
  });

  test("an id of digits keeps its zeros", () => {
    const config = loadText(
      "openstack: {auth-url: 'http://k:5000', user-id: 1, project-id: 0123456789, password: 1e3}\n",
    );
    expect(config.provider?.params).toMatchObject({ "project-id": "0123456789", password: "1e3" });
  });
});

test("an empty file means the defaults: both lists, no provider", () => {
  const config = loadText("");
  const expected = [
    { type: "NodeLease", unhealthyDurationMs: 55_000 },
    { type: "NodeCondition", unhealthyDurationMs: 300_000 },
  ];
  expect(config.checks.master).toMatchObject(expected);
  expect(config.checks.worker).toMatchObject(expected);
  expect(toPolicy(config, undefined)).toMatchObject({
    provider: undefined,
    ladder: { master: [], worker: [] },
    silenceMs: 25_000,
    maxUnhealthy: { ratio: 0.4 },
    attempts: { "soft-reboot": 1, "hard-reboot": 1, "power-cycle": 2, rebuild: 1, replace: 1 },
    attemptsDecayMs: 86_400_000,
  });
});
