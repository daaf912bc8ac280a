import { ApiError, badRequest, expired } from "./api-error.ts";
import { apiVersionOf, type Kind } from "./kinds.ts";
import type { Fields, KubeObject } from "./object.ts";
import { filterOf } from "./selectors.ts";
import type { Store } from "./store.ts";

/** What is left of a paged list: later pages show the objects as they were when the first was read. */
interface Rest {
  readonly revision: number;
  readonly items: readonly KubeObject[];
}

const keptRests = 200;

/** Lists with pages. */
export class Lists {
  readonly #store: Store;
  readonly #rests = new Map<string, Rest>();
  #pages = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Every continue token handed out so far answers 410 from now on. */
  expire(): void {
    this.#rests.clear();
  }

  /** @throws ApiError 400, 410 (old token or exact version), 504 (version from the future) */
  read(kind: Kind, namespace: string | undefined, query: URLSearchParams): Fields {
    const token = query.get("continue");
    if (token !== null && token !== "") return this.#page(kind, this.#restOf(token), query);
    this.#checkVersion(query);
    const matches = filterOf(kind, query);
    const items = this.#store
      .list(kind.plural)
      .filter((object) => (namespace === undefined || object.metadata.namespace === namespace) && matches(object));
    return this.#page(kind, { revision: this.#store.revision, items }, query);
  }

  #restOf(token: string): Rest {
    const rest = this.#rests.get(token);
    if (rest === undefined) {
      throw expired(
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.",
      );
    }
    return rest;
  }

  #page(kind: Kind, rest: Rest, query: URLSearchParams): Fields {
    const limit = Number(query.get("limit") ?? 0);
    if (Number.isNaN(limit)) throw badRequest(`unable to parse limit ${query.get("limit")}`);
    const isLast = limit === 0 || rest.items.length <= limit;
    const items = isLast ? rest.items : rest.items.slice(0, limit);
    const metadata: Fields = { resourceVersion: String(rest.revision) };
    if (!isLast) {
      metadata.continue = this.#keep({ revision: rest.revision, items: rest.items.slice(limit) });
      if (!query.has("labelSelector") && !query.has("fieldSelector"))
        metadata.remainingItemCount = rest.items.length - limit;
    }
    return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata, items: items.map(withoutType(kind)) };
  }

  #keep(rest: Rest): string {
    this.#pages += 1;
    const token = Buffer.from(`${rest.revision}/${this.#pages}`).toString("base64url");
    this.#rests.set(token, rest);
    const oldest = this.#rests.keys().next().value;
    if (this.#rests.size > keptRests && oldest !== undefined) this.#rests.delete(oldest);
    return token;
  }

  #checkVersion(query: URLSearchParams): void {
    const asked = Number(query.get("resourceVersion") ?? 0);
    if (asked > this.#store.revision) {
      throw new ApiError(504, "Timeout", `Too large resource version: ${asked}, current: ${this.#store.revision}`, {
        headers: { "Retry-After": "1" },
        details: {
          causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
          retryAfterSeconds: 1,
        },
      });
    }
    if (query.get("resourceVersionMatch") === "Exact" && asked < this.#store.revision) {
      throw expired("The resourceVersion for the provided list is too old.");
    }
  }
}

/** Items of a list of a built-in kind carry no kind and apiVersion; those of custom resources do. */
function withoutType(kind: Kind): (object: KubeObject) => Fields {
  if (kind.isCustom) return (object) => object;
  return ({ kind: _kind, apiVersion: _version, ...rest }) => rest;
}
