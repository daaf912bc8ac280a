import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CloudAccessReader } from "../../../../plugins/shared/openstack/cloud-access.ts";
import { settingsFrom } from "../../../../plugins/shared/openstack/settings.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "aceso-openstack-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const inFolder = (name: string) => join(folder, name);

async function write(name: string, text: string): Promise<string> {
  await writeFile(inFolder(name), text);
  return inFolder(name);
}

const reader = (params: object, environment: Record<string, string> = {}) =>
  new CloudAccessReader(settingsFrom({ "auth-url": "https://k:5000", ...params }), environment);

const user = { "user-id": "U", "project-id": "T" };

test("nothing changed: the same object again", async () => {
  const file = await write("password", "one\n");
  const access = reader({ ...user, "password-file": file });
  expect(await access.read()).toBe(await access.read());
});

test("a renewed Secret, swapped by a symbolic link as Kubernetes does it, is read", async () => {
  await mkdir(inFolder("v1"));
  await mkdir(inFolder("v2"));
  await write("v1/password", "one\n");
  await write("v2/password", "two\n");
  await symlink("v1", inFolder("data"));
  const access = reader({ ...user, "password-file": inFolder("data/password") });
  const before = await access.read();
  expect(before.secrets).toEqual(["one"]);
  await symlink("v2", inFolder("data-new"));
  await rename(inFolder("data-new"), inFolder("data"));
  const after = await access.read();
  expect(after).not.toBe(before);
  expect(after.secrets).toEqual(["two"]);
});

test("a file that is written anew with the same bytes changes nothing", async () => {
  const file = await write("password", "one");
  const access = reader({ ...user, "password-file": file });
  const before = await access.read();
  await writeFile(file, "one");
  expect(await access.read()).toBe(before);
});

test.each(["https://k:5000", "https://k:5000/", "https://k:5000/v3", "https://k:5000/v3/", "https://k:5000/v2.0"])(
  "auth-url may be %s",
  async (written) => {
    const access = await reader({ "auth-url": written, ...user, password: "P" }).read();
    expect(access.authUrl.href).toBe("https://k:5000/v3");
  },
);

test("what stands in the section wins over clouds.yaml, and overrides of endpoints join", async () => {
  const clouds = `
clouds:
  a:
    auth: {auth_url: 'https://cloud:5000/identity', user_id: CU, password: cloud-pw, project_id: CT}
    region_name: CR
    interface: internal
    verify: false
    compute_endpoint_override: http://cloud-nova
    image_endpoint_override: http://cloud-glance
`;
  const file = await write("clouds.yaml", clouds);
  const section = {
    "auth-url": undefined,
    "use-clouds": true,
    "clouds-file": file,
    "password-file": await write("password", "file-pw"),
    region: "SR",
    "endpoint-overrides": { compute: "http://section-nova" },
  };
  const access = await reader(section).read();
  expect(access).toMatchObject({
    choice: {
      region: "SR",
      interface: "internal",
      overrides: { compute: "http://section-nova", image: "http://cloud-glance" },
    },
    tls: { isInsecure: true },
    secrets: ["file-pw"],
  });
  expect(access.authUrl.href).toBe("https://cloud:5000/identity/v3");
  const strict = await reader({ ...section, "tls-insecure": false }).read();
  expect(strict.tls.isInsecure).toBe(false);
});

test("a changed clouds.yaml is read again, and a secure.yaml beside it is found", async () => {
  const file = await write("clouds.yaml", "clouds: {a: {auth: {auth_url: 'http://k', user_id: U, password: one}}}");
  const access = reader({ "auth-url": undefined, "use-clouds": true, "clouds-file": file });
  expect((await access.read()).secrets).toEqual(["one"]);
  await write("clouds.yaml", "clouds: {a: {auth: {auth_url: 'http://k', user_id: U, password: three}}}");
  expect((await access.read()).secrets).toEqual(["three"]);
  await write("secure.yaml", "clouds: {a: {auth: {password: four}}}");
  expect((await access.read()).secrets).toEqual(["four"]);
});

test("clouds.yaml is looked for where OS_CLIENT_CONFIG_FILE points first", async () => {
  const file = await write("my-clouds.yaml", "clouds: {a: {auth: {auth_url: 'http://k', user_id: U, password: one}}}");
  const access = reader({ "auth-url": undefined, "use-clouds": true }, { OS_CLIENT_CONFIG_FILE: file });
  expect((await access.read()).secrets).toEqual(["one"]);
});

test("an empty secret is no secret", async () => {
  const file = await write("password", "\n");
  await expect(reader({ ...user, "password-file": file }).read()).rejects.toThrow(
    `openstack: reading the secret in ${file}: it is empty`,
  );
});

test("a key may stand in the certificate's own file; a certificate without any is refused", async () => {
  const both = await write("both.pem", "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n");
  const access = await reader({ ...user, password: "P", "cert-file": both }).read();
  expect(access.tls.key).toBe(access.tls.cert);
  const alone = await write("alone.pem", "-----BEGIN CERTIFICATE-----\n");
  await expect(reader({ ...user, password: "P", "cert-file": alone }).read()).rejects.toThrow(
    `openstack.key-file: missing: ${alone} holds no key`,
  );
});

test.each([
  [
    "a password-file that is not there",
    { ...user, "password-file": "/nowhere/pw" },
    "openstack: reading the secret in /nowhere/pw: ENOENT",
  ],
  [
    "a ca-file that is not there",
    { ...user, password: "P", "ca-file": "/nowhere/ca" },
    "openstack: reading the certificate or key in /nowhere/ca: ENOENT",
  ],
  [
    "a clouds-file that is not there",
    { "use-clouds": true, "clouds-file": "/nowhere/clouds.yaml" },
    "openstack: reading /nowhere/clouds.yaml: ENOENT",
  ],
  [
    "an auth-url with a password",
    { ...user, password: "P", "auth-url": "https://u:hunter22@k" },
    "openstack.auth-url (auth_url in clouds.yaml): missing, or no http or https address without user and password",
  ],
  ["no credentials", {}, "credentials for Keystone are incomplete: openstack.user-id: missing"],
])("%s asks the operator", async (_name, params, message) => {
  const read = reader(params).read();
  await expect(read).rejects.toMatchObject({ remedy: "ask-operator" });
  await expect(read).rejects.toThrow(message);
  await expect(read).rejects.not.toThrow("hunter22");
});
