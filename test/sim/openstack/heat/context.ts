import { json, page, Refusal } from "../http/answer.ts";
import type { CloudRequest } from "../http/request.ts";
import type { Caller } from "../identity/caller.ts";
import type { Stacks } from "../orchestration/stacks.ts";

/** A call to Heat whose caller is known. */
export interface HeatCall {
  readonly stacks: Stacks;
  readonly caller: Caller;
  readonly request: CloudRequest;
}

const explanations: Readonly<Record<number, readonly [string, string]>> = {
  400: [
    "Bad Request",
    "The server could not comply with the request since it is either malformed or otherwise incorrect.",
  ],
  403: ["Forbidden", "Access was denied to this resource."],
  404: ["Not Found", "The resource could not be found."],
  409: ["Conflict", "There was a conflict when trying to complete your request."],
};

export function refuse(code: number, type: string, message: string): Refusal {
  const [title, explanation] = explanations[code] ?? ["", ""];
  return new Refusal(json(code, { code, title, explanation, error: { type, traceback: null, message } }));
}

export function noStack(name: string): Refusal {
  return refuse(404, "EntityNotFound", `The Stack (${name}) could not be found.`);
}

/** To the full path; a page besides. */
export function redirect(url: string): Refusal {
  const text = `The resource was found at <a href="${url}">${url}</a>;\nyou should be redirected automatically.`;
  return new Refusal(page(302, "Found", text, { Location: url }));
}
