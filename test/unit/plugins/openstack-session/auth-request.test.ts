import { describe, expect, test } from "vitest";
import { authRequestOf, isGaps } from "../../../../plugins/shared/openstack/auth-request.ts";
import type { CloudOptions } from "../../../../plugins/shared/openstack/settings.ts";

function bodyOf(options: CloudOptions): unknown {
  const request = authRequestOf(options);
  if (isGaps(request)) throw new Error(JSON.stringify(request));
  return request.body;
}

function gapsOf(options: CloudOptions): string[] {
  const request = authRequestOf(options);
  return isGaps(request) ? request.map(({ key }) => key) : [];
}

const byPassword = (user: object, scope?: object) => ({
  auth: { identity: { methods: ["password"], password: { user } }, ...(scope && { scope }) },
});

describe("a password", () => {
  test("goes with the user's id and the project's id", () => {
    expect(bodyOf({ userId: "U", password: "P", projectId: "T" })).toEqual(
      byPassword({ id: "U", password: "P" }, { project: { id: "T" } }),
    );
  });

  test("goes with names, each in its own domain", () => {
    const options = { username: "N", userDomainName: "D", password: "P", projectName: "T", projectDomainId: "E" };
    expect(bodyOf(options)).toEqual(
      byPassword({ name: "N", domain: { name: "D" }, password: "P" }, { project: { name: "T", domain: { id: "E" } } }),
    );
  });

  test.each([
    [{ domainId: "D" }, { id: "D" }],
    [{ domainName: "D" }, { name: "D" }],
    [{ domainId: "D", domainName: "X" }, { id: "D" }],
  ])("the domain %j serves both where neither has its own", (domain, expected) => {
    expect(bodyOf({ username: "N", password: "P", projectName: "T", ...domain })).toEqual(
      byPassword({ name: "N", domain: expected, password: "P" }, { project: { name: "T", domain: expected } }),
    );
  });

  test("an id needs no name and no domain", () => {
    const options = { userId: "U", username: "N", password: "P", projectId: "T", projectName: "X", domainName: "D" };
    expect(bodyOf(options)).toEqual(byPassword({ id: "U", password: "P" }, { project: { id: "T" } }));
  });

  test("without a project the user's default one is left to Keystone", () => {
    expect(bodyOf({ userId: "U", password: "P" })).toEqual(byPassword({ id: "U", password: "P" }));
  });
});

describe("an application credential", () => {
  const request = (fields: object) => ({
    auth: { identity: { methods: ["application_credential"], application_credential: fields } },
  });

  test("goes by its id, never with a scope, whatever else is there", () => {
    const options = {
      appCredentialId: "A",
      appCredentialName: "N",
      appCredentialSecret: "S",
      projectId: "T",
      userId: "U",
      password: "P",
    };
    expect(bodyOf(options)).toEqual(request({ id: "A", secret: "S" }));
  });

  test("goes by its name and the user", () => {
    const byName = { appCredentialName: "N", appCredentialSecret: "S" };
    expect(bodyOf({ ...byName, userId: "U" })).toEqual(request({ name: "N", secret: "S", user: { id: "U" } }));
    expect(bodyOf({ ...byName, username: "U", domainName: "D" })).toEqual(
      request({ name: "N", secret: "S", user: { name: "U", domain: { name: "D" } } }),
    );
  });
});

describe("a trust", () => {
  const scope = { "OS-TRUST:trust": { id: "R" } };

  test("is taken up by the trustee", () => {
    const options = { trustId: "R", trusteeId: "E", trusteePassword: "Q", userId: "U", password: "P", projectId: "T" };
    expect(bodyOf(options)).toEqual(byPassword({ id: "E", password: "Q" }, scope));
  });

  test("is taken up by the user where no trustee is named", () => {
    expect(bodyOf({ trustId: "R", userId: "U", password: "P" })).toEqual(byPassword({ id: "U", password: "P" }, scope));
  });

  test("goes before an application credential", () => {
    const options = { trustId: "R", userId: "U", password: "P", appCredentialId: "A", appCredentialSecret: "S" };
    expect(bodyOf(options)).toEqual(byPassword({ id: "U", password: "P" }, scope));
  });
});

test.each<[CloudOptions, string[]]>([
  [{}, ["user-id", "password"]],
  [{ userId: "U" }, ["password"]],
  [{ password: "P" }, ["user-id"]],
  [{ username: "N", password: "P" }, ["user-domain-name"]],
  [{ username: "N", projectName: "T" }, ["user-domain-name", "password", "project-domain-name"]],
  [{ userId: "U", password: "P", projectName: "T" }, ["project-domain-name"]],
  [{ trustId: "R" }, ["trustee-id", "trustee-password"]],
  [{ trustId: "R", trusteeId: "E" }, ["trustee-password"]],
  [{ appCredentialId: "A" }, ["application-credential-secret"]],
  [{ appCredentialSecret: "S" }, ["application-credential-id"]],
  [{ appCredentialName: "N", appCredentialSecret: "S" }, ["user-id"]],
  [{ appCredentialName: "N", appCredentialSecret: "S", username: "U" }, ["user-domain-name"]],
])("%j lacks %j, all named at once", (options, keys) => {
  expect(gapsOf(options)).toEqual(keys);
});

test("what stands in messages holds no secret", () => {
  const all = {
    userId: "U",
    password: "pw-1",
    trustId: "R",
    trusteeId: "E",
    trusteePassword: "pw-2",
    appCredentialId: "A",
    appCredentialSecret: "pw-3",
  };
  for (const options of [all, { ...all, trustId: undefined as never }, { userId: "U", password: "pw-1" }]) {
    const request = authRequestOf(options);
    if (isGaps(request)) throw new Error("incomplete");
    expect(`${request.who} ${request.keys}`).not.toContain("pw-");
  }
});
