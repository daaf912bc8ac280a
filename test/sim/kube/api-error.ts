import { type Kind, resourceNameOf } from "./kinds.ts";
import type { Fields } from "./object.ts";

/** A refusal, in the words of a real API server. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string | undefined;
  readonly details: Fields | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Fields;

  constructor(code: number, reason: string | undefined, message: string, extra: Fields = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = extra.details;
    this.headers = extra.headers ?? {};
    this.metadata = extra.metadata ?? {};
  }

  toStatus(): Fields {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: this.metadata,
      status: "Failure",
      message: this.message,
      ...(this.reason === undefined ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }
}

function detailsOf(kind: Kind, name: string): Fields {
  return { name, ...(kind.group === "" ? {} : { group: kind.group }), kind: kind.plural };
}

export function notFound(kind: Kind, name: string): ApiError {
  return new ApiError(404, "NotFound", `${resourceNameOf(kind)} "${name}" not found`, {
    details: detailsOf(kind, name),
  });
}

export function noSuchResource(): ApiError {
  return new ApiError(404, "NotFound", "the server could not find the requested resource", { details: {} });
}

export function alreadyExists(kind: Kind, name: string): ApiError {
  return new ApiError(409, "AlreadyExists", `${resourceNameOf(kind)} "${name}" already exists`, {
    details: detailsOf(kind, name),
  });
}

export const modifiedText =
  "the object has been modified; please apply your changes to the latest version and try again";

export function conflict(kind: Kind, name: string, why: string): ApiError {
  return new ApiError(409, "Conflict", `Operation cannot be fulfilled on ${resourceNameOf(kind)} "${name}": ${why}`, {
    details: detailsOf(kind, name),
  });
}

/** 422 about one field. */
export function invalid(kind: Kind, name: string, field: string, problem: string): ApiError {
  const full = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
  return new ApiError(422, "Invalid", `${full} "${name}" is invalid: ${field}: ${problem}`, {
    details: {
      name,
      ...(kind.group === "" ? {} : { group: kind.group }),
      kind: kind.kind,
      causes: [{ reason: "FieldValueInvalid", message: problem, field }],
    },
  });
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, "BadRequest", message);
}

export function unsupportedMediaType(got: string, allowed: string): ApiError {
  return new ApiError(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${allowed}; got ${got}`,
  );
}

/** The version a watch or list asks for is no longer kept. */
export function expired(message: string, metadata: Fields = {}): ApiError {
  return new ApiError(410, "Expired", message, { metadata });
}

export function unauthorized(): ApiError {
  return new ApiError(401, "Unauthorized", "Unauthorized");
}
