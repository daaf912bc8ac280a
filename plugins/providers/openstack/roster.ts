import type { Clock } from "../../../src/plugin-api/index.ts";
import type { Cluster, NodeGroup } from "./cluster.ts";
import type { Heat } from "./heat.ts";
import type { Magnum } from "./magnum.ts";
import type { ServerRow, Stack, StackRef } from "./stack.ts";

/** Where a server stands in the cluster. */
export interface Place {
  readonly root: StackRef;
  readonly row: ServerRow;
  /** Names of the node groups that the root stack holds; empty without Magnum. */
  readonly groups: readonly string[];
}

/** One stack of the cluster and its node groups. */
interface Source {
  readonly stackId: string;
  readonly groups: readonly string[];
}

/** A server that is not in it makes the list be read anew, but not more often than this. */
const rereadAfterMs = 5_000;

/** Which servers the cluster's stacks hold. Kept until a server is asked for that is not in it. */
export class Roster {
  readonly #heat: Heat;
  readonly #clock: Clock;
  readonly #sources: (signal: AbortSignal) => Promise<readonly Source[]>;
  #places: ReadonlyMap<string, Place> = new Map();
  #readAtMonoMs = Number.NEGATIVE_INFINITY;

  constructor(heat: Heat, clock: Clock, sources: (signal: AbortSignal) => Promise<readonly Source[]>) {
    this.#heat = heat;
    this.#clock = clock;
    this.#sources = sources;
  }

  /** Undefined: none of the stacks holds it. @throws ProviderError while that cannot be read */
  async find(serverId: string, signal: AbortSignal): Promise<Place | undefined> {
    const known = this.#places.get(serverId);
    const ageMs = this.#clock.now().monoMs - this.#readAtMonoMs;
    return known === undefined && ageMs > rereadAfterMs ? this.findAnew(serverId, signal) : known;
  }

  /** Rows of one stack that were read for another reason, so that a successor is known as soon as it was seen. */
  learn(root: StackRef, rows: readonly ServerRow[]): void {
    const groups = [...this.#places.values()].find((place) => place.root.id === root.id)?.groups ?? [];
    const places = new Map(this.#places);
    for (const row of rows) if (row.serverId !== undefined) places.set(row.serverId, { root, row, groups });
    this.#places = places;
  }

  /** As `find`, from a fresh read. */
  async findAnew(serverId: string, signal: AbortSignal): Promise<Place | undefined> {
    const places = new Map<string, Place>();
    for (const { stackId, groups } of await this.#sources(signal)) {
      const root = await this.#heat.stack(stackId, signal);
      for (const row of await this.#heat.servers(root, signal)) {
        if (row.serverId !== undefined) places.set(row.serverId, { root: refOf(root), row, groups });
      }
    }
    this.#places = places;
    this.#readAtMonoMs = this.#clock.now().monoMs;
    return places.get(serverId);
  }
}

export function rosterOfStack(stack: string, heat: Heat, clock: Clock): Roster {
  return new Roster(heat, clock, async () => [{ stackId: stack, groups: [] }]);
}

export function rosterOfCluster(magnum: Magnum, heat: Heat, clock: Clock): Roster {
  return new Roster(heat, clock, async (signal) => {
    const cluster = await magnum.cluster(signal);
    return stacksOf(cluster, (await magnum.nodeGroups(signal)) ?? []);
  });
}

/** The default groups share the cluster's stack; each further one has its own. Pure. */
export function stacksOf(cluster: Cluster, groups: readonly NodeGroup[]): readonly Source[] {
  const byStack = new Map<string, string[]>(cluster.stackId === undefined ? [] : [[cluster.stackId, []]]);
  for (const { name, stackId = cluster.stackId } of groups) {
    if (stackId !== undefined) byStack.set(stackId, [...(byStack.get(stackId) ?? []), name]);
  }
  return [...byStack].map(([stackId, names]) => ({ stackId, groups: names }));
}

function refOf({ name, id }: Stack): StackRef {
  return { name, id };
}
