import { json, Refusal } from "../http/answer.ts";

const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
};

/** Keystone's own form of an error. */
export function refuse(code: number, message: string, extra: Record<string, string> = {}): Refusal {
  return new Refusal(json(code, { error: { code, message, title: titles[code] } }, extra));
}

export function unauthorized(origin: string, message = "The request you have made requires authentication."): Refusal {
  return refuse(401, message, { "WWW-Authenticate": `Keystone uri="${origin}/v3"` });
}

export function forbidden(detail = ""): Refusal {
  return refuse(403, `You are not authorized to perform the requested action${detail === "" ? "." : `: ${detail}`}`);
}

export function notFound(what: string, id: string): Refusal {
  return refuse(404, `Could not find ${what}: ${id}.`);
}

export const malformed =
  "The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.";
