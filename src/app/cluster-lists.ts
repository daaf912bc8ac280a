import type { NodeFacts, NodeName, ObserverView } from "../core/model.ts";
import type { Now } from "../core/time.ts";
import type { StoredRecord } from "../core/view.ts";
import { FieldProblem } from "../kube/json-fields.ts";
import { listAll } from "../kube/paged-list.ts";
import { kubeletLeasesPath, nodesPath, repairsPath, reportsPath } from "../kube/paths.ts";
import { fromNodeRepair } from "../kube/record-codec.ts";
import type { KubeRest } from "../kube/rest.ts";
import type { KubeObject } from "../kube/wire.ts";
import { projectByStamps, reportByStamps } from "./cli-stamps.ts";

const deadlineMs = 30_000;

/** Whole lists, for a command that looks at the cluster once. @throws KubeCallError */
export class ClusterLists {
  readonly #rest: KubeRest;
  readonly #signal: AbortSignal;

  constructor(rest: KubeRest, signal: AbortSignal) {
    this.#rest = rest;
    this.#signal = signal;
  }

  async nodes(): Promise<readonly NodeFacts[]> {
    return (await this.#list(nodesPath, "nodes")).map((it) => projectByStamps(it));
  }

  async kubeletLeases(): Promise<readonly KubeObject[]> {
    return this.#list(kubeletLeasesPath, "leases");
  }

  async records(): Promise<ReadonlyMap<NodeName, StoredRecord>> {
    const objects = await this.#list(repairsPath, "noderepairs");
    return new Map(objects.map((it) => [it.metadata?.name ?? "", fromNodeRepair(it)]));
  }

  async reports(namespace: string): Promise<readonly KubeObject[]> {
    return this.#list(reportsPath(namespace), "observerreports");
  }

  #list(path: string, resource: string): Promise<readonly KubeObject[]> {
    return listAll(this.#rest, { path, resource, deadlineMs, signal: this.#signal });
  }
}

/** Reports that make sense. @param onNonsense is told of the others, one line each */
export function sensibleReports(
  objects: readonly KubeObject[],
  now: Now,
  onNonsense: (line: string) => void,
): readonly ObserverView[] {
  return objects.flatMap((object) => {
    try {
      return [reportByStamps(object, now)];
    } catch (error) {
      if (!(error instanceof FieldProblem)) throw error;
      onNonsense(`observerreport ${object.metadata?.name} makes no sense: ${error.message}`);
      return [];
    }
  });
}
