import { describe, expect, test } from "vitest";
import { problemsOf } from "../../support/config-loading.ts";

interface Bad {
  readonly name: string;
  readonly text: string;
  readonly lines: readonly string[];
}

const check = (rest: string) => `healthcheck:\n  worker:\n    - type: NodeCondition\n${rest}`;

const table: readonly Bad[] = [
  {
    name: "a bare number is no duration",
    text: "silence: 25\n",
    lines: ["1:1 silence: expected a duration such as 30s or 5m, longer than 0"],
  },
  {
    name: "a unit that Go does not have",
    text: "dry-run: true\ndrain-timeout: 1d\n",
    lines: ["2:1 drain-timeout: expected a duration such as 30s or 5m, longer than 0"],
  },
  {
    name: "a negative duration",
    text: "startup-delay: -5s\n",
    lines: ["1:1 startup-delay: expected a duration such as 30s or 5m"],
  },
  {
    name: "a duration past Go's range",
    text: "storm-cooldown: 2562048h\n",
    lines: ["1:1 storm-cooldown: expected a duration such as 30s or 5m"],
  },
  {
    name: "nothing where a duration belongs",
    text: "recovery-hold:\n",
    lines: ["1:1 recovery-hold: expected a duration such as 30s or 5m"],
  },
  { name: "YAML 1.1's word for false", text: "dry-run: no\n", lines: ["1:1 dry-run: expected true or false"] },
  {
    name: "text where a flag belongs",
    text: 'leader-elect: "true"\n',
    lines: ["1:1 leader-elect: expected true or false"],
  },
  {
    name: "text where a number belongs",
    text: 'max-parallel: "3"\n',
    lines: ["1:1 max-parallel: expected a whole number of at least 1"],
  },
  {
    name: "no repairs at all",
    text: "max-parallel: 0\n",
    lines: ["1:1 max-parallel: expected a whole number of at least 1"],
  },
  {
    name: "a share above all",
    text: "max-unhealthy: 140%\n",
    lines: ["1:1 max-unhealthy: expected a share such as 40% or a count of at least 1"],
  },
  {
    name: "a fraction for a share",
    text: "max-unhealthy: 0.4\n",
    lines: ["1:1 max-unhealthy: expected a share such as 40% or a count of at least 1"],
  },
  {
    name: "a key of another spelling",
    text: "Dry-Run: true\n",
    lines: ["1:1 Dry-Run: unknown key, did you mean dry-run?"],
  },
  {
    name: "a typo",
    text: "a: 1\nhealthchek: {}\n",
    lines: ["1:1 a: unknown key", "2:1 healthchek: unknown key, did you mean healthcheck?"],
  },
  {
    name: "a typo inside a section",
    text: "fencing:\n  accept-unprooven: true\n",
    lines: ["2:3 fencing.accept-unprooven: unknown key, did you mean accept-unproven?"],
  },
  {
    name: "a scalar where a section belongs",
    text: "fencing: yes\n",
    lines: ["1:1 fencing: expected a section, keys with values"],
  },
  {
    name: "a list where a section belongs",
    text: "kubernetes: []\n",
    lines: ["1:1 kubernetes: expected a section, keys with values"],
  },
  {
    name: "a section where text belongs",
    text: "cluster-name: {a: 1}\n",
    lines: ["1:1 cluster-name: expected text (true and false in quotes)"],
  },
  {
    name: "a list where a duration belongs",
    text: "silence: [25s]\n",
    lines: ["1:1 silence: expected a duration such as 30s or 5m, longer than 0"],
  },
  {
    name: "a list where labels belong",
    text: "node-selector: [a]\n",
    lines: ["1:1 node-selector: expected labels, as in `topology: east`"],
  },
  {
    name: "a label that is no text",
    text: "node-selector:\n  example.com/a: x\n  example.com/b: [y]\n",
    lines: ["3:3 node-selector.example.com/b: expected text (true and false in quotes)"],
  },
  {
    name: "a scalar where a list of checks belongs",
    text: "healthcheck:\n  worker: NodeLease\n",
    lines: ["2:3 healthcheck.worker: expected a list of checks"],
  },
  {
    name: "nothing where a list of checks belongs",
    text: "healthcheck:\n  master:\n",
    lines: ["2:3 healthcheck.master: expected a list of checks"],
  },
  {
    name: "a role that there is not",
    text: "healthcheck:\n  workers: []\n",
    lines: ["2:3 healthcheck.workers: unknown key, did you mean worker?"],
  },
  {
    name: "a check that is no section",
    text: "healthcheck:\n  worker: [NodeLease]\n",
    lines: ["2:12 healthcheck.worker[0]: expected a check: type and params"],
  },
  {
    name: "a check without type",
    text: "healthcheck:\n  worker:\n    - params: {}\n",
    lines: ["3:7 healthcheck.worker[0].type: missing: expected text (true and false in quotes)"],
  },
  {
    name: "a check of unknown type",
    text: "healthcheck:\n  worker:\n    - type: NodeConditon\n",
    lines: [
      "3:7 healthcheck.worker[0].type: expected one of Command, Endpoint, NodeCondition, NodeLease; did you mean NodeCondition?",
    ],
  },
  {
    name: "a scalar where params belong",
    text: check("      params: 5m\n"),
    lines: ["4:7 healthcheck.worker[0].params: expected a section, keys with values"],
  },
  {
    name: "a bad duration deep inside",
    text: check("      params:\n        unhealthy-duration: 5 minutes\n"),
    lines: ["5:9 healthcheck.worker[0].params.unhealthy-duration: expected a duration such as 30s or 5m"],
  },
  {
    name: "an unknown parameter",
    text: check("      params: {typs: [Ready]}\n"),
    lines: ["4:16 healthcheck.worker[0].params.typs: unknown key, did you mean types?"],
  },
  {
    name: "a key beside type and params",
    text: check("      timeout: 5s\n"),
    lines: ["4:7 healthcheck.worker[0].timeout: unknown key"],
  },
  {
    name: "each bad item of a list",
    text: check("      params:\n        types: [Ready, true]\n        ok-values:\n          - True\n          - [x]\n"),
    lines: [
      "5:24 healthcheck.worker[0].params.types[1]: expected text (true and false in quotes)",
      "7:13 healthcheck.worker[0].params.ok-values[0]: expected text (true and false in quotes)",
      "8:13 healthcheck.worker[0].params.ok-values[1]: expected text (true and false in quotes)",
    ],
  },
  {
    name: "a bad item does not hide the next item's mistakes",
    text: "healthcheck:\n  master:\n    - 5\n    - type: Endpoint\n      params: {port: 70000}\n",
    lines: [
      "3:7 healthcheck.master[0]: expected a check: type and params",
      "5:16 healthcheck.master[1].params.port: expected a port from 1 to 65535",
    ],
  },
  {
    name: "a rung that there is not",
    text: "exec: {command: [/bin/x]}\nladder: {worker: [power-cycle, reboot]}\n",
    lines: ["2:32 ladder.worker[1]: expected one of soft-reboot, hard-reboot, power-cycle, rebuild, replace"],
  },
  {
    name: "the same rung twice",
    text: "ladder: {worker: [rebuild, rebuild]}\n",
    lines: ["1:10 ladder.worker: expected a list of different rungs, at least one"],
  },
  {
    name: "a ladder that would lose an etcd member",
    text: "ladder: {master: [replace]}\n",
    lines: ["1:10 ladder.master: replace would lose an etcd member: control-plane.etcd must be external or rejoins"],
  },
  {
    name: "etcd in an unknown place",
    text: "control-plane: {etcd: inside}\n",
    lines: ["1:17 control-plane.etcd: expected one of stacked, external, rejoins"],
  },
  {
    name: "a lease that ends before a step can begin",
    text: "leader-election: {lease-duration: 11s, renew-deadline: 8s, retry-period: 2s}\n",
    lines: [
      "1:19 leader-election.lease-duration: expected whole seconds, at least 12s: a destructive step needs 8s of leadership left",
    ],
  },
  {
    name: "a renewal after the lease's end",
    text: "leader-election:\n  renew-deadline: 20s\n  retry-period: 30s\n",
    lines: [
      "2:3 leader-election.renew-deadline: expected less than lease-duration (20s)",
      "3:3 leader-election.retry-period: expected less than renew-deadline (20s)",
    ],
  },
  {
    name: "reads of off too close together",
    text: "fencing: {off-read-interval: 1s}\n",
    lines: [
      "1:11 fencing.off-read-interval: expected at least 2s and less than 10s: proof of off is two reads, the last at most 10s old",
    ],
  },
  {
    name: "an address without port",
    text: "http: {pages: localhost}\n",
    lines: ["1:8 http.pages: expected an address such as 127.0.0.1:8081, or off"],
  },
  {
    name: "a server that is no URL",
    text: "kubernetes:\n  api-host:\n    - https://a:6443\n    - b:6443\n",
    lines: ["4:7 kubernetes.api-host[1]: expected an http or https address"],
  },
  {
    name: "a provider without its section",
    text: "cloud-provider: exec\n",
    lines: ["1:1 cloud-provider: exec needs section exec"],
  },
  {
    name: "a provider that there is not",
    text: "cloud-provider: openstak\n",
    lines: ["1:1 cloud-provider: expected one of none, exec, libvirt, openstack; did you mean openstack?"],
  },
  {
    name: "a scalar where a provider's section belongs",
    text: "openstack: yes\n",
    lines: ["1:1 openstack: expected a section, keys with values"],
  },
  {
    name: "an empty auth-url",
    text: 'openstack: {auth-url: ""}\n',
    lines: ["1:13 openstack.auth-url: expected an http or https address without user and password"],
  },
  {
    name: "openstack without an address",
    text: "openstack:\n  region: one\n",
    lines: ["1:1 openstack.auth-url: missing: expected the address of Keystone, or use-clouds: true"],
  },
  {
    name: "plugins that are no list",
    text: "plugins: /x.mjs\n",
    lines: ["1:1 plugins: expected a list, as in `- path: /etc/aceso/plugins/x.mjs`"],
  },
  {
    name: "plugins without a path",
    text: "plugins:\n  - {}\n  - x\n  - {path: ''}\n",
    lines: [
      "2:5 plugins[0].path: missing: expected a file name",
      "3:5 plugins[1]: expected a section with path",
      "4:6 plugins[2].path: expected a file name",
    ],
  },
  {
    name: "Asklepios' seconds with a unit",
    text: "sleep: 10s\nkickin: -1\nkickout: 1.5\nbalancer: 0\n",
    lines: [
      "1:1 sleep: expected seconds as a bare number of at least 1, as in 60",
      "2:1 kickin: expected seconds as a bare number of at least 0, as in 60",
      "3:1 kickout: expected seconds as a bare number of at least 0, as in 60",
      "4:1 balancer: expected true or false",
    ],
  },
  {
    name: "the same thing said in two languages",
    text: "sleep: 10\nmonitor-interval: 15s\nkickin: 5\nrecovery-hold: 5s\nkickout: 5\nhealthcheck: {master: []}\n",
    lines: [
      "1:1 sleep: means the same as monitor-interval: give one of the two",
      "3:1 kickin: means the same as recovery-hold: give one of the two",
      "5:1 kickout: means the same as healthcheck.master: give one of the two",
    ],
  },
  {
    name: "a key twice",
    text: "dry-run: true\nsilence: 25s\ndry-run: false\n",
    lines: ["3:1 dry-run: duplicate key, first at line 1"],
  },
  {
    name: "a key twice inside a list",
    text: check("      params: {}\n      params: {}\n"),
    lines: ["5:7 healthcheck.worker[0].params: duplicate key, first at line 4"],
  },
];

describe("refuses with the exact place", () => {
  test.each(table)("$name", ({ text, lines }) => {
    expect(problemsOf(text)).toEqual(lines.map((line) => `config.yaml:${line}`));
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
