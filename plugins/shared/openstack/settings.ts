import type { ParamValues } from "../../../src/plugin-api/index.ts";
import type { EndpointInterface } from "./catalog.ts";

/** What a login can be made of, from the section `openstack`, a `clouds.yaml`, or both. Secrets in plain text. */
export interface CloudOptions {
  readonly authUrl?: string;
  readonly userId?: string;
  readonly username?: string;
  readonly password?: string;
  readonly projectId?: string;
  readonly projectName?: string;
  readonly trustId?: string;
  readonly trusteeId?: string;
  readonly trusteePassword?: string;
  readonly domainId?: string;
  readonly domainName?: string;
  readonly projectDomainId?: string;
  readonly projectDomainName?: string;
  readonly userDomainId?: string;
  readonly userDomainName?: string;
  readonly appCredentialId?: string;
  readonly appCredentialName?: string;
  readonly appCredentialSecret?: string;
  readonly region?: string;
  readonly interface?: EndpointInterface;
  readonly isTlsInsecure?: boolean;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** URL by service type. */
  readonly endpointOverrides?: Readonly<Record<string, string>>;
}

/** The section `openstack` as a session needs it: nothing has been opened yet. */
export interface SessionSettings {
  readonly options: CloudOptions;
  /** Files with secrets, by the option that each one fills. */
  readonly secretFiles: Readonly<Partial<Record<SecretOption, string>>>;
  /** Where `use-clouds` is true. */
  readonly clouds: { readonly file: string | undefined; readonly name: string | undefined } | undefined;
}

export type SecretOption = "password" | "trusteePassword" | "appCredentialSecret";

/** Keys of the section by option. */
export const textKeys = {
  authUrl: "auth-url",
  userId: "user-id",
  username: "username",
  password: "password",
  projectId: "project-id",
  projectName: "project-name",
  trustId: "trust-id",
  trusteeId: "trustee-id",
  trusteePassword: "trustee-password",
  domainId: "domain-id",
  domainName: "domain-name",
  projectDomainId: "project-domain-id",
  projectDomainName: "project-domain-name",
  userDomainId: "user-domain-id",
  userDomainName: "user-domain-name",
  appCredentialId: "application-credential-id",
  appCredentialName: "application-credential-name",
  appCredentialSecret: "application-credential-secret",
  region: "region",
  caFile: "ca-file",
  certFile: "cert-file",
  keyFile: "key-file",
} as const satisfies Partial<Record<keyof CloudOptions, string>>;

export const secretFileKeys: Readonly<Record<SecretOption, string>> = {
  password: "password-file",
  trusteePassword: "trustee-password-file",
  appCredentialSecret: "application-credential-secret-file",
};

/** From the validated parameters of the section. Pure; empty texts count as absent. */
export function settingsFrom(params: ParamValues): SessionSettings {
  const overrides = params["endpoint-overrides"] as Readonly<Record<string, string>> | undefined;
  const side = toInterface(textOf(params, "os-endpoint-type"));
  const isTlsInsecure = params["tls-insecure"] as boolean | undefined;
  return {
    options: {
      ...fromParams(params, textKeys),
      ...(side !== undefined && { interface: side }),
      ...(isTlsInsecure !== undefined && { isTlsInsecure }),
      ...(overrides !== undefined && { endpointOverrides: overrides }),
    },
    secretFiles: fromParams(params, secretFileKeys),
    clouds:
      params["use-clouds"] === true
        ? { file: textOf(params, "clouds-file"), name: textOf(params, "cloud") }
        : undefined,
  };
}

/** `public`, `publicURL` and the like. Undefined when absent or none of them. */
export function toInterface(text: string | undefined): EndpointInterface | undefined {
  const name = text?.replace(/url$/i, "").toLowerCase();
  return name === "public" || name === "internal" || name === "admin" ? name : undefined;
}

function fromParams<K extends string>(
  params: ParamValues,
  keys: Readonly<Record<K, string>>,
): Partial<Record<K, string>> {
  const given = (Object.entries(keys) as [K, string][]).flatMap(([option, key]) => {
    const text = textOf(params, key);
    return text === undefined ? [] : [[option, text] as const];
  });
  return Object.fromEntries(given) as Partial<Record<K, string>>;
}

function textOf(params: ParamValues, key: string): string | undefined {
  const value = params[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}
