import { describe, expect, test } from "vitest";
import { loadText, problemsOf } from "../../support/config-loading.ts";

const unproven = "fencing: {accept-unproven: true}\n";

describe("layers", () => {
  test("the environment beats the file, and a flag beats the environment", () => {
    const text = `silence: 30s\nmax-parallel: 4\ncluster-name: file\n${unproven}`;
    const env = { ACESO_SILENCE: "40s", ACESO_MAX_PARALLEL: "5" };
    const config = loadText(text, { env, flags: { silence: "50s" } });
    expect([config.policy.silenceMs, config.policy.maxParallel, config.clusterName]).toEqual([50_000, 5, "file"]);
  });

  test("every kind of scalar can come from the environment", () => {
    const env = {
      ACESO_DRY_RUN: "true",
      ACESO_MAX_UNHEALTHY: "3",
      ACESO_HTTP_PAGES: "off",
      ACESO_KUBERNETES_API_HOST: "https://a:6443",
      ACESO_CONTROL_PLANE_ETCD: "external",
      ACESO_ATTEMPTS_POWER_CYCLE: "4",
      ACESO_LEADER_ELECTION_LEASE_DURATION: "30s",
    };
    const config = loadText(unproven, { env });
    expect(config.policy).toMatchObject({
      isDryRun: true,
      maxUnhealthy: { count: 3 },
      etcd: "external",
      attempts: { "power-cycle": 4 },
    });
    expect(config.http.pages).toBeUndefined();
    expect(config.kubernetes.apiHosts).toEqual(["https://a:6443"]);
    expect(config.leaderElection.leaseDurationMs).toBe(30_000);
  });

  test("a secret from the environment needs no warning and makes the section present", () => {
    const env = {
      ACESO_OPENSTACK_PASSWORD: "hunter2",
      ACESO_OPENSTACK_AUTH_URL: "https://k:5000/v3",
      ACESO_OPENSTACK_USER_ID: "u",
    };
    const config = loadText("", { env });
    expect(config.provider).toMatchObject({ id: "openstack", params: { password: "hunter2" } });
    expect(config.warnings).toEqual([]);
  });

  test.each([
    ["ACESO_DRY_RUN", "no", "dry-run: expected true or false"],
    ["ACESO_MAX_PARALLEL", "3x", "max-parallel: expected a whole number of at least 1"],
    ["ACESO_SILENCE", "25", "silence: expected a duration such as 30s or 5m, longer than 0"],
    ["ACESO_FENCING_REQUIRE_REBOOT", "1", "fencing.require-reboot: expected true or false"],
    ["ACESO_CONTROL_PLANE_ETCD", "inside", "control-plane.etcd: expected one of stacked, external, rejoins"],
    ["ACESO_NODE_SELECTOR", "a=b", "node-selector: lists and labels can be set in the file only"],
    ["ACESO_LADDER_WORKER", "rebuild", "ladder.worker: lists and labels can be set in the file only"],
    ["ACESO_CLOUD_PROVIDER", "aws", "cloud-provider: expected one of none, exec, libvirt, openstack"],
  ])("a bad %s is reported under the variable's name", (variable, value, message) => {
    expect(problemsOf("", { env: { [variable]: value } })).toEqual([`environment ${variable} ${message}`]);
  });

  test("a bad flag is reported under the flag's name", () => {
    expect(problemsOf("", { flags: { "kubernetes.api-host": "nowhere" } })).toEqual([
      "flag --api-host kubernetes.api-host: expected an http or https address, or a list of them",
    ]);
  });

  test("what is wrong in the environment comes after what is wrong in the file", () => {
    expect(problemsOf("dry-run: 1\n", { env: { ACESO_SILENCE: "x" } }).map((line) => line.split(" ")[0])).toEqual([
      "config.yaml:1:1",
      "environment",
    ]);
  });
});

describe("the provider", () => {
  const openstack = "openstack: {auth-url: 'https://k:5000', user-id: u, password-file: /secret/password}\n";
  const exec = "exec: {command: [/bin/agent]}\n";

  test("is none without any section, and says so when nothing could be fenced", () => {
    const config = loadText("");
    expect(config.provider).toBeUndefined();
    expect(config.warnings).toEqual([
      "cloud-provider: none, and fencing.accept-unproven is false: nothing can be fenced, so nothing will be repaired",
    ]);
  });

  test("is the one whose section exists; openstack goes first", () => {
    expect(loadText(exec).provider?.id).toBe("exec");
    expect(loadText("libvirt: {uris: ['qemu:///system']}\n").provider?.id).toBe("libvirt");
    expect(loadText(`${exec}${openstack}`).provider?.id).toBe("openstack");
  });

  test("is the named one, and a section that is not used is reported", () => {
    const config = loadText(`${openstack}${exec}cloud-provider: exec\n`);
    expect(config.provider?.id).toBe("exec");
    expect(config.warnings).toEqual(["config.yaml:1:1 openstack: has no effect: the provider is exec"]);
  });

  test("is none when none is named, and its section is validated all the same", () => {
    expect(loadText(`${openstack}cloud-provider: none\n${unproven}`).provider).toBeUndefined();
    expect(problemsOf("openstack: {auth: x}\ncloud-provider: none\n")).toHaveLength(1);
  });

  test("that is known is missed also while another key is wrong", () => {
    expect(problemsOf("cloud-provider: exec\nsilence: 1\n")).toHaveLength(2);
  });
});

describe("warnings", () => {
  test("a silence shorter than two kubelet renewals", () => {
    expect(loadText(`silence: 15s\n${unproven}`).warnings[0]).toContain("silence: shorter than two renewals");
  });

  test("unproven fencing beside a provider, and a ladder without one", () => {
    expect(loadText(`libvirt: {uris: ['qemu:///system']}\n${unproven}`).warnings[0]).toContain(
      "has no effect while a provider is configured",
    );
    expect(loadText(`ladder: {worker: [rebuild]}\n${unproven}`).warnings).toEqual([
      "ladder: has no effect without a provider",
    ]);
  });

  test("a variable that looks like a mistyped key, but none of those that Kubernetes makes", () => {
    const env = {
      ACESO_SILENSE: "40s",
      ACESO_PORT: "tcp://10.0.0.1:80",
      ACESO_SERVICE_HOST: "10.0.0.1",
      ACESO_E2E: "all",
      SILENSE: "1s",
    };
    expect(loadText(unproven, { env }).warnings).toEqual([
      "environment ACESO_SILENSE: sets nothing, did you mean ACESO_SILENCE?",
    ]);
  });

  test("a token in a check", () => {
    const text = `${unproven}master-monitor-enabled: false\nhealthcheck:\n  worker:\n    - type: Endpoint\n      params: {token: abc}\n`;
    expect(loadText(text).warnings[0]).toMatch(
      /^config\.yaml:6:16 healthcheck\.worker\[0\]\.params\.token: a credential in plain text/,
    );
  });
});
