import type { Fields } from "../../kube/object.ts";
import type { Ids } from "../ids.ts";

/** One service as the catalog shows it. */
export interface CatalogEntry {
  readonly type: string;
  readonly name: string;
  /** `PROJECT` stands for the id of the token's project. */
  readonly url: string;
  readonly region: string;
}

const interfaces = ["public", "internal", "admin"] as const;

/** The catalog of a project; entries of one service in several regions are one row. */
export function catalogView(entries: readonly CatalogEntry[], projectId: string, ids: Ids): Fields[] {
  const names = [...new Set(entries.map(({ name }) => name))];
  return names.map((name) => {
    const own = entries.filter((entry) => entry.name === name);
    const endpoints = own.flatMap(({ url, region }) =>
      interfaces.map((one) => ({
        id: ids.hex(),
        interface: one,
        region_id: region,
        url: url.replace("PROJECT", projectId),
        region,
      })),
    );
    return { endpoints, id: ids.hex(), type: own[0]?.type, name };
  });
}
