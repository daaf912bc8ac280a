import { systemClock } from "../../src/app/clock.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { type ApiClient, type ApiObject, WatchRefused } from "./api-client.ts";

export interface Followed {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: ApiObject;
  /** True for objects that a list brought: versions between this one and the one seen before may be missing. */
  readonly isFromList: boolean;
}

export interface FollowOptions {
  readonly clock?: Clock;
  readonly signal: AbortSignal;
  /** Called after each list, with the names in it, so that objects deleted meanwhile can be forgotten. */
  readonly onList?: (items: readonly ApiObject[]) => void;
}

/**
 * Lists a collection and watches it until the signal aborts, over broken connections and servers. Every version that
 * the server sends is handed over once, in order; an expired version begins again with a list.
 */
export async function follow(
  api: ApiClient,
  path: string,
  onEvent: (event: Followed) => void,
  options: FollowOptions,
): Promise<void> {
  const clock = options.clock ?? systemClock;
  const { signal } = options;
  let version: string | undefined;
  while (!signal.aborted) {
    try {
      version ??= await list(api, path, onEvent, options);
      version = await watchOnce(api, path, version, onEvent, signal);
    } catch (error) {
      if (error instanceof WatchRefused && error.status === 410) version = undefined;
      if (error instanceof Expired) version = undefined;
      if (error instanceof Interrupted) version = error.version;
    }
    await clock.sleep(100, signal).catch(() => {});
  }
}

class Expired extends Error {}

/** Keeps how far a broken watch had come, so that nothing is handed over twice. */
class Interrupted extends Error {
  readonly version: string;

  constructor(version: string, cause: unknown) {
    super("the watch broke", { cause });
    this.version = version;
  }
}

async function list(
  api: ApiClient,
  path: string,
  onEvent: (event: Followed) => void,
  options: FollowOptions,
): Promise<string> {
  const found = await api.must("GET", path, undefined, { signal: options.signal });
  options.onList?.(found.items);
  for (const object of found.items) onEvent({ type: "ADDED", object, isFromList: true });
  return found.metadata.resourceVersion;
}

async function watchOnce(
  api: ApiClient,
  path: string,
  from: string,
  onEvent: (event: Followed) => void,
  signal: AbortSignal,
): Promise<string> {
  const join = path.includes("?") ? "&" : "?";
  const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=${from}`;
  let version = from;
  try {
    for await (const { type, object } of api.watch(`${path}${join}${query}`, signal)) {
      if (type === "ERROR") throw new Expired(object.message);
      version = object.metadata.resourceVersion;
      if (type === "ADDED" || type === "MODIFIED" || type === "DELETED") onEvent({ type, object, isFromList: false });
    }
  } catch (error) {
    if (error instanceof Expired || error instanceof WatchRefused) throw error;
    throw new Interrupted(version, error);
  }
  return version;
}
