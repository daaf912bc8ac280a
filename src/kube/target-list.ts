import type { V1Node } from "@kubernetes/client-node";
import type { ProbeTarget, TargetList } from "../ports/reports.ts";
import { listPages } from "./paged-list.ts";
import { nodesPath } from "./paths.ts";
import { roleOf } from "./project-node.ts";
import type { KubeRest } from "./rest.ts";
import type { KubeObject, Wire } from "./wire.ts";

/** Lists the nodes to probe, page by page, keeping only what a probe needs. */
export class KubeTargetList implements TargetList {
  readonly #rest: KubeRest;

  constructor(rest: KubeRest) {
    this.#rest = rest;
  }

  async list(signal: AbortSignal): Promise<readonly ProbeTarget[]> {
    let targets: ProbeTarget[] = [];
    const call = { path: nodesPath, resource: "nodes", pageSize: 500, signal };
    await listPages(
      this.#rest,
      call,
      (node) => targets.push(toTarget(node)),
      () => {
        targets = [];
      },
    );
    return targets;
  }
}

function toTarget(object: KubeObject): ProbeTarget {
  const { metadata, status } = object as Wire<V1Node>;
  return {
    name: metadata?.name ?? "",
    uid: metadata?.uid ?? "",
    role: roleOf(metadata?.labels ?? {}),
    internalIP: status?.addresses?.find(({ type }) => type === "InternalIP")?.address,
    kubeletPort: status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 10_250,
  };
}
