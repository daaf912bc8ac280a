import type { ServiceType } from "./call.ts";
import { OpenStackCatalogError } from "./errors.ts";

export type EndpointInterface = "public" | "internal" | "admin";

/** One address of the catalog. */
export interface CatalogEndpoint {
  /** Service type as the catalog writes it. */
  readonly type: string;
  readonly interface: string;
  readonly region: string;
  readonly url: string;
}

/** Where the services are, for one region and interface. */
export interface EndpointChoice {
  readonly region: string | undefined;
  readonly interface: EndpointInterface;
  /** URL by service type: used instead of the catalog's. */
  readonly overrides: Readonly<Record<string, string>>;
}

/** Other names of the same service (https://service-types.openstack.org). */
const aliases: Readonly<Record<ServiceType, readonly string[]>> = {
  compute: ["compute"],
  orchestration: ["orchestration"],
  "container-infra": ["container-infra", "container-infrastructure-management", "container-infrastructure"],
  volumev3: ["volumev3", "block-storage", "block-store"],
  image: ["image"],
};

export const serviceTypes = Object.keys(aliases) as readonly ServiceType[];

/** Whether it is the type of a service that we talk to, by any of its names. */
export function isServiceName(type: string): boolean {
  return Object.values(aliases).some((names) => names.includes(type));
}

/** What stands at the end of an endpoint that names no version. `PROJECT` stands for the project's id. */
const versions: Readonly<Record<ServiceType, string>> = {
  compute: "/v2.1",
  orchestration: "/v1/PROJECT",
  "container-infra": "/v1",
  volumev3: "/v3/PROJECT",
  image: "/v2",
};

/** Reads the `catalog` of a token; entries that make no sense are left out. */
export function readCatalog(catalog: unknown): readonly CatalogEndpoint[] {
  return listOf(catalog).flatMap((service) =>
    listOf(service.endpoints).flatMap((endpoint) => {
      const { url, interface: side, region_id, region } = endpoint;
      if (typeof service.type !== "string" || typeof url !== "string" || typeof side !== "string") return [];
      const place = typeof region_id === "string" ? region_id : typeof region === "string" ? region : "";
      return [{ type: service.type, interface: side, region: place, url }];
    }),
  );
}

/**
 * The address of a service.
 *
 * @returns without a slash at its end, with the API's version in it
 * @throws OpenStackCatalogError when the catalog has none, or several regions and none was chosen
 */
export function endpointOf(
  service: ServiceType,
  catalog: readonly CatalogEndpoint[],
  choice: EndpointChoice,
  projectId: string,
): URL {
  const override = overrideOf(service, choice.overrides);
  if (override !== undefined) return toEndpoint(service, override, projectId);
  const found = regional(catalog, choice).find(({ type }) => aliases[service].includes(type));
  if (found === undefined) throw missing(service, catalog, choice);
  return toEndpoint(service, found.url, projectId);
}

/** Service types that can be reached; ours by our own name for them. @throws OpenStackCatalogError about the region */
export function reachableServices(catalog: readonly CatalogEndpoint[], choice: EndpointChoice): ReadonlySet<string> {
  const types = new Set(regional(catalog, choice).map(({ type }) => type));
  const ours = serviceTypes.filter(
    (service) =>
      overrideOf(service, choice.overrides) !== undefined || aliases[service].some((name) => types.has(name)),
  );
  return new Set([...types, ...ours]);
}

/** Endpoints of the chosen interface in the chosen, or only, region. */
function regional(catalog: readonly CatalogEndpoint[], choice: EndpointChoice): readonly CatalogEndpoint[] {
  const ofInterface = catalog.filter((endpoint) => endpoint.interface === choice.interface);
  const regions = regionsOf(catalog);
  if (choice.region === undefined) {
    if (regions.length <= 1) return ofInterface;
    throw new OpenStackCatalogError(
      `openstack.region: missing: the catalog has the regions ${regions.join(", ")}; name the one of this cluster`,
    );
  }
  if (regions.length > 0 && !regions.includes(choice.region)) {
    throw new OpenStackCatalogError(
      `openstack.region: ${choice.region} is not in the catalog, which has ${regions.join(", ")}`,
    );
  }
  return ofInterface.filter(({ region }) => region === choice.region);
}

function regionsOf(catalog: readonly CatalogEndpoint[]): readonly string[] {
  return [...new Set(catalog.map(({ region }) => region).filter((region) => region !== ""))].sort();
}

function overrideOf(service: ServiceType, overrides: Readonly<Record<string, string>>): string | undefined {
  return aliases[service].map((name) => overrides[name]).find((url) => url !== undefined);
}

function toEndpoint(service: ServiceType, text: string, projectId: string): URL {
  const url = httpUrl(text.replaceAll(/[%$]\((?:project|tenant)_id\)s/g, projectId).trim());
  if (url === undefined) {
    throw new OpenStackCatalogError(`the endpoint of ${service} is no http or https address without user and password`);
  }
  url.pathname = url.pathname.replace(/\/+$/, "");
  const isVersioned = /\/v\d+(?:\.\d+)?(?:\/|$)/.test(url.pathname);
  if (!isVersioned) url.pathname = join(url.pathname, versions[service].replace("PROJECT", projectId));
  return url;
}

/** An address without query and fragment; undefined when it is none, or names a user. */
export function httpUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  if (!isHttp || url.username !== "" || url.password !== "") return undefined;
  url.search = "";
  url.hash = "";
  return url;
}

/** Where a service tells about its version: the endpoint up to it, with a slash at its end. */
export function versionRootOf(endpoint: URL): URL {
  const url = new URL(endpoint);
  url.pathname = url.pathname.replace(/(\/v\d+(?:\.\d+)?)(?:\/.*)?$/, "$1/");
  return url;
}

/** Two parts of a path with one slash between them. */
export function join(base: string, rest: string): string {
  return `${base.replace(/\/+$/, "")}/${rest.replace(/^\/+/, "")}`;
}

function missing(service: ServiceType, catalog: readonly CatalogEndpoint[], choice: EndpointChoice): Error {
  const elsewhere = catalog.filter(({ type }) => aliases[service].includes(type));
  const where = choice.region === undefined ? "" : ` in region ${choice.region}`;
  const known = elsewhere.map((endpoint) => `${endpoint.interface} in ${endpoint.region || "no region"}`).join(", ");
  const hint = known === "" ? "" : `; it has ${known}`;
  return new OpenStackCatalogError(
    `the catalog has no ${choice.interface} endpoint of ${service}${where}${hint}; see openstack.os-endpoint-type and openstack.endpoint-overrides`,
  );
}

type Entry = Readonly<Record<string, unknown>>;

function listOf(value: unknown): readonly Entry[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "object" && entry !== null) : [];
}
