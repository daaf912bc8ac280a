import type { ParamSchema } from "../../../src/plugin-api/index.ts";

/** Validated values of the schema below. */
export interface EndpointParams {
  readonly protocol: string;
  readonly port: number;
  readonly endpoints: readonly string[];
  readonly "ok-codes": readonly number[];
  readonly "require-token": boolean;
  readonly token: string | undefined;
  readonly "token-file": string;
  readonly "ca-file": string;
  readonly "insecure-skip-verify": boolean;
  readonly "unhealthy-annotation": string | undefined;
}

const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The keys of magnum-auto-healer's Endpoint check, and `token-file`. */
export const endpointSchema: ParamSchema = {
  protocol: { doc: "HTTPS or HTTP, in any case.", format: "string", default: "HTTPS" },
  port: { doc: "TCP port on the node's InternalIP.", format: "port", default: 6443 },
  endpoints: { doc: "Paths to GET; all must answer with an ok code.", format: "strings", default: ["/healthz"] },
  "ok-codes": { doc: "HTTP status codes that count as healthy.", format: "ints", default: [200] },
  "require-token": {
    doc: "Send a bearer token. It is only ever sent over HTTPS with a verified certificate.",
    format: "flag",
    default: false,
  },
  token: { doc: "The bearer token itself; better: token-file.", format: "string", default: null, sensitive: true },
  "token-file": {
    doc: "File with the bearer token, read again when it changes. Used when `token` is absent.",
    format: "path",
    default: `${serviceAccount}/token`,
  },
  "ca-file": {
    doc: "File with the certificates (PEM) that sign the endpoint's certificate.",
    format: "path",
    default: `${serviceAccount}/ca.crt`,
  },
  "insecure-skip-verify": {
    doc: "Take any certificate. No token is sent then.",
    format: "flag",
    default: false,
  },
  "unhealthy-annotation": {
    doc: "Accepted for compatibility, without effect: times are kept in the ObserverReport.",
    format: "string",
    default: null,
  },
};
