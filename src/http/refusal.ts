import { AcesoError } from "../core/errors.ts";

/** A request that is answered with an error. The message is for people and holds no secret. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export const notFound = (what: string) => new Refusal(404, "not-found", `${what} not found`);

export function notAllowed(methods: readonly string[]): Refusal {
  const allow = methods.join(", ");
  return new Refusal(405, "method-not-allowed", `only ${allow}`, { allow });
}

const statusOfCode: Readonly<Record<string, number>> = {
  ACESO_KUBE_NOT_FOUND: 404,
  ACESO_KUBE_CONFLICT: 409,
  ACESO_KUBE_FORBIDDEN: 403,
  ACESO_KUBE_UNAUTHORIZED: 401,
  ACESO_KUBE_REJECTED: 422,
  ACESO_CRD_OUTDATED: 422,
};

/** What anything thrown is answered with. What is not ours is a bug, of which strangers are told nothing. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (!(error instanceof AcesoError)) return new Refusal(500, "internal", "internal error; the log says more");
  const status = statusOfCode[error.code] ?? 503;
  return new Refusal(status, error.code, error.message, status === 503 ? { "retry-after": "5" } : {});
}
