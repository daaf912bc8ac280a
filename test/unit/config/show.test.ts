import { expect, test } from "vitest";
import { parse } from "yaml";
import { showConfig } from "../../../src/config/show.ts";
import { loadText } from "../../support/config-loading.ts";

const secrets = ["pw-one", "pw-two", "pw-three", "pw-four"];
const text = `
cloud-provider: openstack
openstack:
  auth-url: https://keystone:5000/v3
  password: pw-one
  trustee-password: pw-two
  application-credential-id: a
  application-credential-secret: pw-three
healthcheck:
  worker:
    - type: Endpoint
      params: {token: pw-four}
`;

test.each(["yaml", "json"] as const)("prints no secret as %s, and says where one is set", (format) => {
  const printed = showConfig(loadText(text), format);
  expect(secrets.filter((secret) => printed.includes(secret))).toEqual([]);
  expect(printed.match(/\[Sensitive\]/g)).toHaveLength(4);
});

test("keeps the names of sensitive options and hides their values", () => {
  const config = loadText("exec: {command: [/bin/x], options: {ip: bmc-1, password: pw-five}}\n");
  const shown = JSON.parse(showConfig(config, "json"));
  expect(shown.exec.options).toEqual({ ip: "[Sensitive]", password: "[Sensitive]" });
  expect(loadText(showConfig(config, "yaml")).effective).toEqual(config.effective);
});

test("prints the same as YAML and as JSON, defaults filled in and durations as text", () => {
  const config = loadText("silence: 90s\nmax-unhealthy: 12.5%\nhttp: {pages: ':9000'}\n");
  const shown = JSON.parse(showConfig(config, "json"));
  expect(parse(showConfig(config, "yaml"))).toEqual(shown);
  expect(shown).toMatchObject({
    silence: "1m30s",
    "max-unhealthy": "12.5%",
    "cloud-provider": "none",
    http: { probes: "0.0.0.0:8080", pages: "0.0.0.0:9000" },
    healthcheck: {
      worker: [{ type: "NodeLease", params: { "unhealthy-duration": "55s" } }, { type: "NodeCondition" }],
    },
  });
});

test("shows Asklepios' keys in our words", () => {
  const shown = JSON.parse(showConfig(loadText("sleep: 5\nkickin: 30\n"), "json"));
  expect(shown).toMatchObject({
    "monitor-interval": "5s",
    "recovery-hold": "30s",
    fencing: { "accept-unproven": true, "require-reboot": false },
  });
  expect(shown).not.toHaveProperty("sleep");
});
