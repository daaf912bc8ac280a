import { parseDocument } from "yaml";
import { type CloudOptions, toInterface } from "./settings.ts";

/** Why a `clouds.yaml` gives no credentials; for the operator, without values. */
export class CloudsFileError extends Error {}

type Entry = Readonly<Record<string, unknown>>;

/**
 * One cloud of a `clouds.yaml`, with what `secure.yaml` adds to it. Pure.
 *
 * @param name of the cloud; undefined: the only one @param secure text of the `secure.yaml` beside it, if there is one
 * @throws CloudsFileError
 */
export function cloudOptions(text: string, secure: string | undefined, name: string | undefined): CloudOptions {
  const clouds = cloudsOf(text, "clouds.yaml");
  const names = Object.keys(clouds);
  const [only] = names;
  const chosen = name ?? (names.length === 1 ? only : undefined);
  if (chosen === undefined) {
    const problem =
      names.length === 0 ? "has no clouds" : `has several clouds (${names.join(", ")}): set openstack.cloud`;
    throw new CloudsFileError(problem);
  }
  const entry = clouds[chosen];
  if (!isEntry(entry)) throw new CloudsFileError(`has no cloud ${chosen}; it has ${names.join(", ") || "none"}`);
  const secrets = secure === undefined ? {} : cloudsOf(secure, "secure.yaml")[chosen];
  return toOptions(merge(entry, isEntry(secrets) ? secrets : {}), chosen);
}

function cloudsOf(text: string, file: string): Entry {
  const document = readYaml(text, file);
  const clouds = isEntry(document) ? document.clouds : undefined;
  if (!isEntry(clouds)) throw new CloudsFileError(`${file} has no section "clouds"`);
  return clouds;
}

/** The parser's own messages may quote a line, and with it a password. */
function readYaml(text: string, file: string): unknown {
  try {
    const document = parseDocument(text, { schema: "failsafe", merge: true, prettyErrors: false });
    if (document.errors.length === 0) return document.toJS();
  } catch {}
  throw new CloudsFileError(`${file} is no YAML`);
}

function merge(base: Entry, over: Entry): Entry {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isEntry(below) && isEntry(value) ? merge(below, value) : value;
  }
  return merged;
}

const authKeys: Readonly<Partial<Record<keyof CloudOptions, readonly string[]>>> = {
  authUrl: ["auth_url"],
  userId: ["user_id"],
  username: ["username", "user_name"],
  password: ["password"],
  projectId: ["project_id", "tenant_id"],
  projectName: ["project_name", "tenant_name"],
  trustId: ["trust_id"],
  domainId: ["domain_id", "default_domain_id"],
  domainName: ["domain_name", "default_domain_name", "default_domain"],
  projectDomainId: ["project_domain_id"],
  projectDomainName: ["project_domain_name"],
  userDomainId: ["user_domain_id"],
  userDomainName: ["user_domain_name"],
  appCredentialId: ["application_credential_id"],
  appCredentialName: ["application_credential_name"],
  appCredentialSecret: ["application_credential_secret"],
};

const knownAuthTypes = ["password", "v3password", "v3applicationcredential"];

function toOptions(cloud: Entry, name: string): CloudOptions {
  const authType = textOf(cloud.auth_type);
  if (authType !== undefined && !knownAuthTypes.includes(authType)) {
    throw new CloudsFileError(`cloud ${name}: auth_type ${authType} is not one of ${knownAuthTypes.join(", ")}`);
  }
  const auth = isEntry(cloud.auth) ? cloud.auth : {};
  const options: Record<string, unknown> = {};
  for (const [option, keys] of Object.entries(authKeys)) {
    // outside of `auth` only the domains are read, as openstacksdk does
    const value = keys.map((key) => textOf(auth[key]) ?? (key.includes("domain") ? textOf(cloud[key]) : undefined));
    options[option] = value.find((text) => text !== undefined);
  }
  if (authType === "v3applicationcredential") delete options.trustId;
  else if (authType !== undefined) {
    for (const option of ["appCredentialId", "appCredentialName", "appCredentialSecret"]) delete options[option];
  }
  options.region = textOf(cloud.region_name) ?? onlyRegion(cloud.regions);
  options.interface = toInterface(textOf(cloud.interface) ?? textOf(cloud.endpoint_type));
  options.caFile = textOf(cloud.cacert);
  options.certFile = textOf(cloud.cert);
  options.keyFile = textOf(cloud.key);
  options.isTlsInsecure = isWord(cloud.verify, "false") || isWord(cloud.insecure, "true") || undefined;
  options.endpointOverrides = overridesOf(cloud);
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** `compute_endpoint_override`, `container_infra_endpoint_override` and so on: by service type. */
function overridesOf(cloud: Entry): Readonly<Record<string, string>> | undefined {
  const suffix = /_endpoint(?:_override)?$/;
  const found = Object.entries(cloud).flatMap(([key, value]) => {
    const url = textOf(value);
    return suffix.test(key) && url !== undefined ? [[key.replace(suffix, "").replaceAll("_", "-"), url] as const] : [];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function onlyRegion(regions: unknown): string | undefined {
  const [first, second] = Array.isArray(regions) ? regions : [];
  if (second !== undefined) return undefined;
  return isEntry(first) ? textOf(first.name) : textOf(first);
}

/** Every scalar is read as text, so that an id of digits stays what it is. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" && !["", "~", "null"].includes(value) ? value : undefined;
}

function isWord(value: unknown, word: "true" | "false"): boolean {
  return typeof value === "string" && value.toLowerCase() === word;
}

function isEntry(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
