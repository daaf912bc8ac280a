/** Service types of the catalog that Aceso talks to. */
export type ServiceType = "compute" | "orchestration" | "container-infra" | "volumev3" | "image";

/** One HTTP call to a service. */
export interface OpenStackCall {
  readonly service: ServiceType;
  /** GET may be sent several times, the others once. */
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /**
   * Below the service's version (and, for Heat and Cinder, the project), whatever the catalog's address names of them:
   * `/servers/UUID`, `/stacks/NAME/ID`, `/images/ID`. Or a link of an answer: its path is asked of our own endpoint.
   */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** As `2.79`; sent as `OpenStack-API-Version: compute 2.79`. Absent: the service's oldest. */
  readonly microversion?: string;
  /** The caller's deadline. A single try without an answer ends after 30 s (GET) or 60 s by itself. */
  readonly signal: AbortSignal;
}

/** What came back. */
export interface OpenStackAnswer {
  readonly status: number;
  /** JSON as a value, anything else (HTML, say) as text; undefined when it is empty. */
  readonly body: unknown;
  /** `X-Openstack-Request-Id`, by which the service's own log names this call; empty where it gave none. */
  readonly requestId: string;
  /** `Location` of a redirect: none is followed. */
  readonly location: string | undefined;
}
