import { expect, test } from "vitest";
import { CloudsFileError, cloudOptions } from "../../../../plugins/shared/openstack/clouds-file.ts";

const full = `
common: &domains
  user_domain_name: Default
  project_domain_id: default
clouds:
  prod:
    auth_type: v3password
    auth:
      <<: *domains
      auth_url: https://keystone.example:5000
      username: healer
      password: hunter22
      project_id: 0123456789
      application_credential_id: ignored-by-auth-type
    region_name: RegionOne
    interface: internalURL
    verify: false
    cacert: /etc/ssl/cloud.pem
    cert: /etc/ssl/me.pem
    key: /etc/ssl/me.key
    compute_endpoint_override: https://nova.example/v2.1
    container_infra_endpoint_override: https://magnum.example/v1
`;

test("every key that a session needs is read, ids of digits as they are", () => {
  expect(cloudOptions(full, undefined, undefined)).toEqual({
    authUrl: "https://keystone.example:5000",
    username: "healer",
    password: "hunter22",
    projectId: "0123456789",
    userDomainName: "Default",
    projectDomainId: "default",
    region: "RegionOne",
    interface: "internal",
    isTlsInsecure: true,
    caFile: "/etc/ssl/cloud.pem",
    certFile: "/etc/ssl/me.pem",
    keyFile: "/etc/ssl/me.key",
    endpointOverrides: { compute: "https://nova.example/v2.1", "container-infra": "https://magnum.example/v1" },
  });
});

test("an application credential is read, and its auth_type drops a trust", () => {
  const text = `clouds: {a: {auth_type: v3applicationcredential, auth: {auth_url: 'http://k', application_credential_id: A, application_credential_secret: S, trust_id: R}}}`;
  expect(cloudOptions(text, undefined, "a")).toEqual({
    authUrl: "http://k",
    appCredentialId: "A",
    appCredentialSecret: "S",
  });
});

test("secure.yaml adds to the same cloud, below `auth` too", () => {
  const text = "clouds: {a: {auth: {auth_url: 'http://k', user_id: U}}, b: {auth: {user_id: V}}}";
  const secure = "clouds: {a: {auth: {password: hunter22}}}";
  expect(cloudOptions(text, secure, "a")).toEqual({ authUrl: "http://k", userId: "U", password: "hunter22" });
  expect(cloudOptions(text, secure, "b")).toEqual({ userId: "V" });
});

test("older names are read: tenant, default domain, domains beside auth, a list with one region", () => {
  const text = `clouds: {a: {auth: {tenant_name: T, default_domain: D}, user_domain_id: E, regions: [{name: R1}]}}`;
  expect(cloudOptions(text, undefined, undefined)).toEqual({
    projectName: "T",
    domainName: "D",
    userDomainId: "E",
    region: "R1",
  });
  expect(cloudOptions("clouds: {a: {regions: [R1, R2]}}", undefined, undefined)).toEqual({});
});

test.each([
  ["clouds: {a: {}, b: {}}", undefined, "has several clouds (a, b): set openstack.cloud"],
  ["clouds: {a: {}, b: {}}", "c", "has no cloud c; it has a, b"],
  ["clouds: {}", undefined, "has no clouds"],
  ["cloud: {}", undefined, 'clouds.yaml has no section "clouds"'],
  [
    "clouds: {a: {auth_type: v3token, auth: {token: hunter22}}}",
    undefined,
    "cloud a: auth_type v3token is not one of password, v3password, v3applicationcredential",
  ],
  ["clouds: {a: {password: 'hunter22}}", undefined, "clouds.yaml is no YAML"],
  ["- hunter22", undefined, 'clouds.yaml has no section "clouds"'],
])("%s is refused without a word of its values", (text, name, message) => {
  const read = () => cloudOptions(text, undefined, name);
  expect(read).toThrow(CloudsFileError);
  expect(read).toThrow(message);
  expect(read).not.toThrow("hunter22");
});
