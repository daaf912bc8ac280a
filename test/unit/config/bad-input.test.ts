import { describe, expect, test } from "vitest";
import { problemsOf } from "../../support/config-loading.ts";

/** What is wrong, the file, and the message (without the file's name), or all of them. */
type Bad = readonly [name: string, text: string, lines: string | readonly string[]];

// biome-ignore format: a table, one row a mistake
const table: readonly Bad[] = [
  ["a ConfigMap instead of what is in it", "apiVersion: v1\nkind: ConfigMap\ndata: {config.yaml: \"\"}\n", "1:1: a Kubernetes object; of a manifest only the text below the key config.yaml of its ConfigMap is meant"],
  ["the same mistake, told once", "{{{", ["1:4: not YAML: Flow map in block collection must be sufficiently indented and end with a }", "1:4: not YAML: Flow map must end with a }"]],
  ["a bare number is no duration", "silence: 25\n", "1:1 silence: expected a duration such as 30s or 5m, longer than 0"],
  ["a unit that Go does not have", "dry-run: true\ndrain-timeout: 1d\n", "2:1 drain-timeout: expected a duration such as 30s or 5m, longer than 0"],
  ["a negative duration", "startup-delay: -5s\n", "1:1 startup-delay: expected a duration such as 30s or 5m"],
  ["a duration past Go's range", "storm-cooldown: 2562048h\n", "1:1 storm-cooldown: expected a duration such as 30s or 5m"],
  ["nothing where a duration belongs", "recovery-hold:\n", "1:1 recovery-hold: expected a duration such as 30s or 5m"],
  ["YAML 1.1's word for false", "dry-run: no\n", "1:1 dry-run: expected true or false"],
  ["text where a flag belongs", "leader-elect: \"true\"\n", "1:1 leader-elect: expected true or false"],
  ["text where a number belongs", "max-parallel: \"3\"\n", "1:1 max-parallel: expected a whole number of at least 1"],
  ["no repairs at all", "max-parallel: 0\n", "1:1 max-parallel: expected a whole number of at least 1"],
  ["a share above all", "max-unhealthy: 140%\n", "1:1 max-unhealthy: expected a share such as 40% or a count of at least 1"],
  ["a fraction for a share", "max-unhealthy: 0.4\n", "1:1 max-unhealthy: expected a share such as 40% or a count of at least 1"],
  ["a key of another spelling", "Dry-Run: true\n", "1:1 Dry-Run: unknown key, did you mean dry-run?"],
  ["a typo", "a: 1\nhealthchek: {}\n", [
    "1:1 a: unknown key",
    "2:1 healthchek: unknown key, did you mean healthcheck?"
  ]],
  ["a typo inside a section", "fencing:\n  accept-unprooven: true\n", "2:3 fencing.accept-unprooven: unknown key, did you mean accept-unproven?"],
  ["a scalar where a section belongs", "fencing: yes\n", "1:1 fencing: expected a section, keys with values"],
  ["a list where a section belongs", "kubernetes: []\n", "1:1 kubernetes: expected a section, keys with values"],
  ["a section where text belongs", "cluster-name: {a: 1}\n", "1:1 cluster-name: expected text (true and false in quotes)"],
  ["a list where a duration belongs", "silence: [25s]\n", "1:1 silence: expected a duration such as 30s or 5m, longer than 0"],
  ["a list where labels belong", "node-selector: [a]\n", "1:1 node-selector: expected labels, as in `topology: east`"],
  ["a label that is no text", "node-selector:\n  example.com/a: x\n  example.com/b: [y]\n", "3:3 node-selector.example.com/b: expected text (true and false in quotes)"],
  ["a scalar where a list of checks belongs", "healthcheck:\n  worker: NodeLease\n", "2:3 healthcheck.worker: expected a list of checks"],
  ["nothing where a list of checks belongs", "healthcheck:\n  master:\n", "2:3 healthcheck.master: expected a list of checks"],
  ["a role that there is not", "healthcheck:\n  workers: []\n", "2:3 healthcheck.workers: unknown key, did you mean worker?"],
  ["a check that is no section", "healthcheck:\n  worker: [NodeLease]\n", "2:12 healthcheck.worker[0]: expected a check: type and params"],
  ["a check without type", "healthcheck:\n  worker:\n    - params: {}\n", "3:7 healthcheck.worker[0].type: missing: expected text (true and false in quotes)"],
  ["a check of unknown type", "healthcheck:\n  worker:\n    - type: NodeConditon\n", "3:7 healthcheck.worker[0].type: expected one of Command, Endpoint, NodeCondition, NodeLease, ProviderState; did you mean NodeCondition?"],
  ["a scalar where params belong", "healthcheck:\n  worker:\n    - type: NodeCondition\n      params: 5m\n", "4:7 healthcheck.worker[0].params: expected a section, keys with values"],
  ["a bad duration deep inside", "healthcheck:\n  worker:\n    - type: NodeCondition\n      params:\n        unhealthy-duration: 5 minutes\n", "5:9 healthcheck.worker[0].params.unhealthy-duration: expected a duration such as 30s or 5m"],
  ["an unknown parameter", "healthcheck:\n  worker:\n    - type: NodeCondition\n      params: {typs: [Ready]}\n", "4:16 healthcheck.worker[0].params.typs: unknown key, did you mean types?"],
  ["a key beside type and params", "healthcheck:\n  worker:\n    - type: NodeCondition\n      timeout: 5s\n", "4:7 healthcheck.worker[0].timeout: unknown key"],
  ["each bad item of a list", "healthcheck:\n  worker:\n    - type: NodeCondition\n      params:\n        types: [Ready, true]\n        ok-values:\n          - True\n          - [x]\n", [
    "5:24 healthcheck.worker[0].params.types[1]: expected text (true and false in quotes)",
    "7:13 healthcheck.worker[0].params.ok-values[0]: expected text (true and false in quotes)",
    "8:13 healthcheck.worker[0].params.ok-values[1]: expected text (true and false in quotes)"
  ]],
  ["a bad item does not hide the next item's mistakes", "healthcheck:\n  master:\n    - 5\n    - type: Endpoint\n      params: {port: 70000}\n", [
    "3:7 healthcheck.master[0]: expected a check: type and params",
    "5:16 healthcheck.master[1].params.port: expected a port from 1 to 65535"
  ]],
  ["a rung that there is not", "exec: {command: [/bin/x]}\nladder: {worker: [power-cycle, reboot]}\n", "2:32 ladder.worker[1]: expected one of soft-reboot, hard-reboot, power-cycle, rebuild, replace"],
  ["the same rung twice", "ladder: {worker: [rebuild, rebuild]}\n", "1:10 ladder.worker: expected a list of different rungs, at least one"],
  ["a ladder that would lose an etcd member", "ladder: {master: [replace]}\ncontrol-plane: {etcd: stacked}\n", "1:10 ladder.master: replace would lose an etcd member: control-plane.etcd must be external or rejoins"],
  ["etcd in an unknown place", "control-plane: {etcd: inside}\n", "1:17 control-plane.etcd: expected one of stacked, external, rejoins"],
  ["a lease that ends before a step can begin", "leader-election: {lease-duration: 11s, renew-deadline: 8s, retry-period: 2s}\n", "1:19 leader-election.lease-duration: expected whole seconds, at least 12s: a destructive step needs 8s of leadership left"],
  ["a renewal after the lease's end", "leader-election:\n  renew-deadline: 20s\n  retry-period: 30s\n", [
    "2:3 leader-election.renew-deadline: expected less than lease-duration (20s)",
    "3:3 leader-election.retry-period: expected less than renew-deadline (20s)"
  ]],
  ["reads of off too close together", "fencing: {off-read-interval: 1s}\n", "1:11 fencing.off-read-interval: expected at least 2s and less than 10s: proof of off is two reads, the last at most 10s old"],
  ["an address without port", "http: {pages: localhost}\n", "1:8 http.pages: expected an address such as 127.0.0.1:8081, or off"],
  ["a server that is no URL", "kubernetes:\n  api-host:\n    - https://a:6443\n    - b:6443\n", "4:7 kubernetes.api-host[1]: expected an http or https address"],
  ["a provider without its section", "cloud-provider: exec\n", "1:1 cloud-provider: exec needs section exec"],
  ["a provider that there is not", "cloud-provider: openstak\n", "1:1 cloud-provider: expected one of none, exec, libvirt, openstack; did you mean openstack?"],
  ["a scalar where a provider's section belongs", "openstack: yes\n", "1:1 openstack: expected a section, keys with values"],
  ["an empty auth-url", "openstack: {auth-url: \"\"}\n", "1:13 openstack.auth-url: expected an http or https address without user and password"],
  ["a program that does not say whether a machine is off", "exec:\n  command: []\n  operations: [power-off, explode]\n", [
    "2:3 exec.command: names no program",
    "3:3 exec.operations: \"explode\" is not one of identify, observe, power-off, power-on, soft-reboot, hard-reboot, rebuild, replace (protocol json)",
    "3:3 exec.operations: lacks observe: nothing can be proven off without it"
  ]],
  ["an option that a fence agent gets from us", "exec:\n  protocol: fence-agent\n  command: [/bin/x]\n  options:\n    ip: a\n    action: \"off\"\n", "6:5 exec.options.action: is set by Aceso for each call"],
  ["a protocol that Endpoint does not speak", "healthcheck:\n  worker:\n    - type: Endpoint\n      params:\n        protocol: gopher\n", "5:9 healthcheck.worker[0].params.protocol: is neither HTTPS nor HTTP"],
  ["openstack without address and credentials", "openstack:\n  region: one\n", [
    "1:1 openstack.auth-url: missing: expected the address of Keystone, or use-clouds: true",
    "1:1 openstack.user-id: missing: expected it, or username with the user's domain",
    "1:1 openstack.password: missing: expected it or password-file"
  ]],
  ["plugins that are no list", "plugins: /x.mjs\n", "1:1 plugins: expected a list, as in `- path: /etc/aceso/plugins/x.mjs`"],
  ["plugins without a path", "plugins:\n  - {}\n  - x\n  - {path: ''}\n", [
    "2:5 plugins[0].path: missing: expected a file name",
    "3:5 plugins[1]: expected a section with path",
    "4:6 plugins[2].path: expected a file name"
  ]],
  ["Asklepios' seconds with a unit", "sleep: 10s\nkickin: -1\nkickout: 1.5\nbalancer: 0\n", [
    "1:1 sleep: expected seconds as a bare number of at least 1, as in 60",
    "2:1 kickin: expected seconds as a bare number of at least 0, as in 60",
    "3:1 kickout: expected seconds as a bare number of at least 0, as in 60",
    "4:1 balancer: expected true or false"
  ]],
  ["the same thing said in two languages", "sleep: 10\nmonitor-interval: 15s\nkickin: 5\nrecovery-hold: 5s\nkickout: 5\nhealthcheck: {master: []}\n", [
    "1:1 sleep: means the same as monitor-interval: give one of the two",
    "3:1 kickin: means the same as recovery-hold: give one of the two",
    "5:1 kickout: means the same as healthcheck.master: give one of the two"
  ]],
  ["a key twice", "dry-run: true\nsilence: 25s\ndry-run: false\n", "3:1 dry-run: duplicate key, first at line 1"],
  ["a key twice inside a list", "healthcheck:\n  worker:\n    - type: NodeCondition\n      params: {}\n      params: {}\n", "5:7 healthcheck.worker[0].params: duplicate key, first at line 4"],
];

describe("refuses with the exact place", () => {
  test.each(table)("%s", (_name, text, lines) => {
    expect(problemsOf(text)).toEqual([lines].flat().map((line) => `config.yaml:${line}`));
  });
});

test("everything wrong in one file is said at once, in the file's order", () => {
  const text =
    "silence: 25\ncloud-provider: x\nfencing: {require-reboot: 1}\nleader-election: {lease-duration: 1s}\nbogus: 1\n";
  const places = problemsOf(text).map((line) => line.split(": ")[0]);
  expect(places).toEqual([
    "config.yaml:1:1 silence",
    "config.yaml:2:1 cloud-provider",
    "config.yaml:3:11 fencing.require-reboot",
    "config.yaml:4:1 leader-election.renew-deadline",
    "config.yaml:4:19 leader-election.lease-duration",
    "config.yaml:5:1 bogus",
  ]);
});

test("a secret is in no message, whatever is wrong with it", () => {
  const secret = "hunter2hunter2";
  const texts = [
    `openstack: {password: [${secret}]}`,
    `openstack: {password: {${secret}: 1}, auth-url: ${secret}}`,
    `openstack:\n  password: !${secret}`,
    `openstack: {password: true, tls-insecure: ${secret}}`,
    `openstack:\n  password: "${secret}\n`,
    `openstack: {password: *${secret}}`,
    `openstack:\n  password: ${secret}\n x: ${secret}: [}`,
  ];
  for (const text of texts) {
    const lines = problemsOf(text);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => line.includes(secret))).toEqual([]);
  }
});
