/** Service types of the catalog that Aceso talks to. */
export type ServiceType = "compute" | "orchestration" | "container-infra" | "volumev3" | "image";

/** One HTTP call to a service. */
export interface OpenStackCall {
  readonly service: ServiceType;
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** After the endpoint's own path, as `/servers/UUID`; or a full URL below that endpoint, as links in answers hold. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** As `2.79`; sent as `OpenStack-API-Version: compute 2.79`. Absent: the service's oldest. */
  readonly microversion?: string;
  readonly signal: AbortSignal;
}

/** What came back. Bodies that are not JSON are kept as text. */
export interface OpenStackAnswer {
  readonly status: number;
  readonly body: unknown;
  /** `X-Openstack-Request-Id`, by which the service's own log names this call; empty where it gave none. */
  readonly requestId: string;
  /** `Location` of a redirect: none is followed. */
  readonly location: string | undefined;
}
