import { access, constants } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { messageOf } from "../../../src/plugin-api/index.ts";
import { type AuthRequest, authRequestOf, isGaps } from "./auth-request.ts";
import { type EndpointChoice, httpUrl } from "./catalog.ts";
import { cloudOptions } from "./clouds-file.ts";
import type { TlsMaterial } from "./connections.ts";
import { OpenStackAuthError } from "./errors.ts";
import type { CloudOptions, SecretOption, SessionSettings } from "./settings.ts";
import { WatchedFile } from "./watched-file.ts";

/** Everything that a login and the calls after it need; a new object whenever a file behind it changed. */
export interface CloudAccess {
  /** Of Keystone's v3 API, without a slash at its end. */
  readonly authUrl: URL;
  readonly request: AuthRequest;
  readonly choice: EndpointChoice;
  readonly tls: TlsMaterial;
  /** To be kept out of every message. */
  readonly secrets: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings' files. Cheap when nothing changed: one `stat` a file. */
export class CloudAccessReader {
  readonly #settings: SessionSettings;
  readonly #environment: Environment;
  readonly #files = new Map<string, WatchedFile>();
  #texts = "";
  #access: CloudAccess | undefined;

  constructor(settings: SessionSettings, environment: Environment) {
    this.#settings = settings;
    this.#environment = environment;
  }

  /** @throws OpenStackAuthError (`ask-operator`) that names the file or the missing key */
  async read(): Promise<CloudAccess> {
    const options = await this.#readOptions();
    const tls = await this.#readTls(options);
    const texts = JSON.stringify([options, tls]);
    if (this.#access === undefined || texts !== this.#texts) {
      this.#access = toAccess(options, tls);
      this.#texts = texts;
    }
    return this.#access;
  }

  /** Values of the section win over those of `clouds.yaml`. */
  async #readOptions(): Promise<CloudOptions> {
    const { options, secretFiles, clouds } = this.#settings;
    const secrets: Partial<Record<SecretOption, string>> = {};
    for (const [option, path] of Object.entries(secretFiles) as [SecretOption, string][]) {
      const what = "openstack: reading the secret in";
      const secret = (await this.#read(path, what)).replace(/\r?\n$/, "");
      if (secret === "") throw new OpenStackAuthError(`${what} ${path}: it is empty`, "ask-operator");
      secrets[option] = secret;
    }
    const fromFile = clouds === undefined ? {} : await this.#readCloud(clouds);
    const endpointOverrides = { ...fromFile.endpointOverrides, ...options.endpointOverrides };
    return { ...fromFile, ...options, ...secrets, endpointOverrides };
  }

  async #readCloud(clouds: NonNullable<SessionSettings["clouds"]>): Promise<CloudOptions> {
    const path = clouds.file ?? (await this.#findClouds());
    const text = await this.#read(path, "openstack: reading");
    const securePath = join(dirname(path), basename(path).replace(/^clouds(?=\.|$)/, "secure"));
    const secure = securePath !== path && (await exists(securePath)) ? securePath : undefined;
    try {
      const secureText = secure === undefined ? undefined : await this.#read(secure, "openstack: reading");
      return cloudOptions(text, secureText, clouds.name);
    } catch (error) {
      if (error instanceof OpenStackAuthError) throw error;
      throw new OpenStackAuthError(`openstack: reading ${path}: ${messageOf(error)}`, "ask-operator");
    }
  }

  /** The usual places of openstacksdk, first one that exists. */
  async #findClouds(): Promise<string> {
    const named = this.#environment.OS_CLIENT_CONFIG_FILE;
    const folders = [process.cwd(), join(homedir(), ".config", "openstack"), "/etc/openstack"];
    const usual = folders.flatMap((folder) => [join(folder, "clouds.yaml"), join(folder, "clouds.yml")]);
    const places = named === undefined || named === "" ? usual : [named, ...usual];
    for (const place of places) if (await exists(place)) return place;
    throw new OpenStackAuthError(
      `openstack.use-clouds: no clouds.yaml in ${places.join(", ")}; set openstack.clouds-file`,
      "ask-operator",
    );
  }

  async #readTls({ caFile, certFile, keyFile, isTlsInsecure }: CloudOptions): Promise<TlsMaterial> {
    const what = "openstack: reading the certificate or key in";
    const read = (path: string | undefined) => (path === undefined ? undefined : this.#read(path, what));
    const [ca, cert, key] = [await read(caFile), await read(certFile), await read(keyFile)];
    // one file may hold both
    const ownKey = key ?? (cert?.includes("PRIVATE KEY") ? cert : undefined);
    if (cert !== undefined && ownKey === undefined) {
      throw new OpenStackAuthError(`openstack.key-file: missing: ${certFile} holds no key`, "ask-operator");
    }
    return { ca, cert, key: ownKey, isInsecure: isTlsInsecure === true };
  }

  async #read(path: string, what: string): Promise<string> {
    const place = path.replace(/^~(?=\/)/, homedir());
    const file = this.#files.get(place) ?? new WatchedFile(place);
    this.#files.set(place, file);
    try {
      return await file.read();
    } catch (error) {
      throw new OpenStackAuthError(`${what} ${place}: ${messageOf(error)}`, "ask-operator");
    }
  }
}

function toAccess(options: CloudOptions, tls: TlsMaterial): CloudAccess {
  const request = authRequestOf(options);
  const authUrl = toAuthUrl(options.authUrl);
  if (isGaps(request)) {
    const lacks = request.map(({ key, message }) => `openstack.${key}: ${message}`).join("; ");
    throw new OpenStackAuthError(`credentials for Keystone are incomplete: ${lacks}`, "ask-operator");
  }
  const { password, trusteePassword, appCredentialSecret, region } = options;
  const secrets = [password, trusteePassword, appCredentialSecret].filter((secret) => secret !== undefined);
  return {
    authUrl,
    request,
    tls,
    choice: { region, interface: options.interface ?? "public", overrides: options.endpointOverrides ?? {} },
    secrets,
  };
}

/** With or without `/v3` in the configuration. */
function toAuthUrl(text: string | undefined): URL {
  const url = text === undefined ? undefined : httpUrl(text);
  if (url === undefined) {
    throw new OpenStackAuthError(
      "openstack.auth-url (auth_url in clouds.yaml): missing, or no http or https address without user and password",
      "ask-operator",
    );
  }
  const path = url.pathname.replace(/\/+$/, "").replace(/\/v2\.0$/, "");
  url.pathname = path.endsWith("/v3") ? path : `${path}/v3`;
  return url;
}

function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}
