import type { KubeRest } from "./rest.ts";
import { GoneError } from "./status-error.ts";
import type { KubeList, KubeObject } from "./wire.ts";

/** Which objects to list. */
export interface ListCall {
  readonly path: string;
  readonly resource: string;
  readonly pageSize: number;
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
  /** For each page. */
  readonly deadlineMs?: number;
  readonly signal: AbortSignal;
}

/**
 * Lists in pages, calling back with each object as its page arrives, so that only one page is held in memory.
 * A continue token that grew too old in the middle starts the list anew once.
 * @param onRestart what was handed over so far is void
 * @returns the list's resourceVersion, to watch from
 * @throws KubeCallError
 */
export async function listPages(
  rest: KubeRest,
  call: ListCall,
  onItem: (object: KubeObject) => void,
  onRestart: () => void,
): Promise<string> {
  try {
    return await listOnce(rest, call, onItem);
  } catch (error) {
    if (!(error instanceof GoneError)) throw error;
    onRestart();
    return await listOnce(rest, call, onItem);
  }
}

async function listOnce(rest: KubeRest, call: ListCall, onItem: (object: KubeObject) => void): Promise<string> {
  const { path, resource, pageSize, fieldSelector, labelSelector, deadlineMs, signal } = call;
  for (let token: string | undefined; ; ) {
    const query = { limit: pageSize, continue: token, fieldSelector, labelSelector };
    const timing = deadlineMs === undefined ? {} : { deadlineMs };
    const page = (await rest.call({ method: "GET", path, resource, query, signal, ...timing })) as KubeList;
    for (const item of page.items ?? []) onItem(item);
    token = page.metadata?.continue || undefined;
    if (token === undefined) return page.metadata?.resourceVersion ?? "";
  }
}

const allPageSize = 500;

/** All objects of a list, held in memory at once. @throws KubeCallError */
export async function listAll(rest: KubeRest, call: Omit<ListCall, "pageSize">): Promise<readonly KubeObject[]> {
  const items: KubeObject[] = [];
  await listPages(
    rest,
    { ...call, pageSize: allPageSize },
    (item) => items.push(item),
    () => {
      items.length = 0;
    },
  );
  return items;
}
