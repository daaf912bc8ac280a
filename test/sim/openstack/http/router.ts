import type { CloudAnswer } from "./answer.ts";
import type { CloudRequest } from "./request.ts";

/** Parts of the path that the pattern names. */
export type PathParts = Readonly<Record<string, string>>;

export type Handler<C> = (context: C, parts: PathParts, request: CloudRequest) => CloudAnswer;

/** Handlers by `METHOD /pattern/:part`; the first that fits serves. */
export type Routes<C> = Readonly<Record<string, Handler<C>>>;

export interface Match<C> {
  readonly handler: Handler<C>;
  readonly parts: PathParts;
}

export function findRoute<C>(routes: Routes<C>, method: string, path: string): Match<C> | undefined {
  const given = segments(path);
  for (const [key, handler] of Object.entries(routes)) {
    const [wantedMethod = "", pattern = ""] = key.split(" ");
    if (wantedMethod !== method) continue;
    const parts = partsOf(segments(pattern), given);
    if (parts !== undefined) return { handler, parts };
  }
  return undefined;
}

function segments(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}

function partsOf(pattern: readonly string[], given: readonly string[]): PathParts | undefined {
  if (pattern.length !== given.length) return undefined;
  const parts: Record<string, string> = {};
  for (const [index, wanted] of pattern.entries()) {
    const part = decodeURIComponent(given[index] ?? "");
    if (wanted.startsWith(":")) parts[wanted.slice(1)] = part;
    else if (wanted !== part) return undefined;
  }
  return parts;
}
