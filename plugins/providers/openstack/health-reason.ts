import type { HealthReport } from "../../../src/plugin-api/index.ts";

const mostNodes = 50;
const mostChars = 200;

/** What Magnum is shown: names and values. Pure; the same report always gives the same. */
export function healthReason({ ill, nodes }: HealthReport): Readonly<Record<string, string>> {
  const shown = ill.slice(0, mostNodes).map(({ node, reason }) => [plain(`${node}.Ready`), plain(reason)] as const);
  const left = ill.length - shown.length;
  return {
    api: "ok",
    nodes: `${nodes - ill.length} of ${nodes} healthy`,
    ...Object.fromEntries(shown),
    ...(left > 0 && { more: `${left} more` }),
  };
}

/**
 * The one form that Magnum takes: a Python literal of a dict of strings. Printable ASCII alone needs no escapes but `\"`
 * and `\\`, which JSON and Python write alike.
 */
export function toPythonDict(reason: Readonly<Record<string, string>>): string {
  return JSON.stringify(reason);
}

function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, "?").slice(0, mostChars);
}
