import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import openstack from "../../../../plugins/providers/openstack/index.ts";
import { settingsFrom } from "../../../../plugins/shared/openstack/settings.ts";
import { settingsMistakes } from "../../../../plugins/shared/openstack/settings-mistakes.ts";
import { validateParams } from "../../../../src/config/params.ts";

function mistakesOf(raw: object): string[] {
  const { values, problems } = validateParams(openstack.params, raw);
  expect(problems).toEqual([]);
  return settingsMistakes(values).map(({ key, message }) => `${key}: ${message}`);
}

const complete = { "auth-url": "https://k:5000", "user-id": "U", password: "P", "project-id": "T" };

test("the section of magnum-auto-healer's own sample has none", () => {
  const file = new URL("../../config/fixtures/magnum-auto-healer.yaml", import.meta.url);
  expect(mistakesOf(parse(readFileSync(file, "utf8")).openstack)).toEqual([]);
});

test.each([
  complete,
  { "auth-url": "https://k:5000", "user-id": "U", "password-file": "/p" },
  { "auth-url": "https://k:5000", "application-credential-id": "A", "application-credential-secret-file": "/s" },
  { "auth-url": "https://k:5000", "trust-id": "R", "trustee-id": "E", "trustee-password-file": "/s" },
  { "use-clouds": true },
  { "use-clouds": true, "password-file": "/p" },
  { ...complete, "endpoint-overrides": { compute: "http://n:8774", volumev3: "http://c:8776/v3/%(project_id)s" } },
])("%j is complete", (raw) => {
  expect(mistakesOf(raw)).toEqual([]);
});

test("everything that is missing is named at once", () => {
  expect(mistakesOf({ region: "R" })).toEqual([
    "auth-url: missing: expected the address of Keystone, or use-clouds: true",
    "user-id: missing: expected it, or username with the user's domain",
    "password: missing: expected it or password-file",
  ]);
});

test("a secret that is given twice contradicts itself, also beside a clouds.yaml", () => {
  expect(mistakesOf({ ...complete, "password-file": "/p" })).toEqual([
    "password-file: contradicts password: expected one of the two",
  ]);
  const twice = { "use-clouds": true, "trustee-password": "a", "trustee-password-file": "/b" };
  expect(mistakesOf(twice)).toHaveLength(1);
});

test("an override needs a service that is talked to, and an address without credentials", () => {
  const overrides = { nova: "http://n", compute: "nova.example", image: "http://u:hunter22@g" };
  const found = mistakesOf({ ...complete, "endpoint-overrides": overrides });
  expect(found).toEqual([
    "endpoint-overrides.nova: is no service; expected one of compute, orchestration, container-infra, volumev3, image",
    "endpoint-overrides.compute: expected an http or https address without user and password",
    "endpoint-overrides.image: expected an http or https address without user and password",
  ]);
  expect(found.join()).not.toContain("hunter22");
});

test("an empty text counts as absent", () => {
  expect(mistakesOf({ ...complete, password: "" })).toEqual(["password: missing: expected it or password-file"]);
});

test.each([
  ["public", "public"],
  ["internalURL", "internal"],
  ["adminURL", "admin"],
  [undefined, undefined],
])("os-endpoint-type %s means the interface %s", (written, meant) => {
  const { values } = validateParams(openstack.params, { ...complete, ...(written && { "os-endpoint-type": written }) });
  expect(settingsFrom(values).options.interface).toBe(meant);
});
