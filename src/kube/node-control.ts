import type { NodeFacts } from "../core/model.ts";
import type { NodeMarks } from "../core/record.ts";
import { marksAnnotation, outOfServiceTaint } from "../core/view.ts";
import type { NodeControl } from "../ports/node-control.ts";
import { nodesPath, objectPath } from "./paths.ts";
import type { KubeRest } from "./rest.ts";
import { ConflictError, NotFoundError, RejectedError } from "./status-error.ts";
import type { KubeObject } from "./wire.ts";

type RawTaint = Readonly<Record<string, unknown>>;

/** Changes Nodes by merge patches and deletions that hold only for the version that the caller judged. */
export class KubeNodeControl implements NodeControl {
  readonly #rest: KubeRest;
  readonly #project: (object: KubeObject) => NodeFacts;

  /** @param project of the NodeWatch, so that the ages of what a patch returns are its own */
  constructor(rest: KubeRest, project: (object: KubeObject) => NodeFacts) {
    this.#rest = rest;
    this.#project = project;
  }

  async setUnschedulable(
    node: NodeFacts,
    isUnschedulable: boolean,
    marks: NodeMarks,
    signal: AbortSignal,
  ): Promise<NodeFacts> {
    return await this.#patch(node, { unschedulable: isUnschedulable ? true : null }, marksText(marks), signal);
  }

  async addOutOfServiceTaint(node: NodeFacts, marks: NodeMarks, signal: AbortSignal): Promise<NodeFacts> {
    const taints = await this.#liveTaints(node, signal);
    const { wallMs } = this.#rest.parts.clock.now();
    return await this.#patch(node, { taints: withOutOfService(taints, wallMs) }, marksText(marks), signal);
  }

  async removeOutOfServiceTaint(node: NodeFacts, marks: NodeMarks, signal: AbortSignal): Promise<NodeFacts> {
    const taints = await this.#liveTaints(node, signal);
    return await this.#patch(node, { taints: taints.filter((taint) => !isOurs(taint)) }, marksText(marks), signal);
  }

  async clearMarks(node: NodeFacts, signal: AbortSignal): Promise<NodeFacts> {
    return await this.#patch(node, undefined, null, signal);
  }

  async deleteNode(node: NodeFacts, signal: AbortSignal): Promise<void> {
    const { uid, resourceVersion } = node;
    const body = { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid, resourceVersion } };
    try {
      await this.#rest.call({ method: "DELETE", path: pathOf(node), resource: "nodes", body, signal });
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }

  /**
   * The list as the server has it, with every field of other people's taints: a patch replaces it whole.
   * @throws ConflictError when the Node is no longer the version that was judged
   */
  async #liveTaints(node: NodeFacts, signal: AbortSignal): Promise<readonly RawTaint[]> {
    const live = await this.#rest.call({ method: "GET", path: pathOf(node), resource: "nodes", signal });
    const { uid, resourceVersion } = live.metadata ?? {};
    if (uid !== node.uid || resourceVersion !== node.resourceVersion) {
      throw conflict(
        "GET",
        node,
        `it is now version ${resourceVersion} of uid ${uid}, judged was ${node.resourceVersion} of ${node.uid}`,
      );
    }
    return (live.spec as { readonly taints?: readonly RawTaint[] } | undefined)?.taints ?? [];
  }

  async #patch(
    node: NodeFacts,
    spec: object | undefined,
    marks: string | null,
    signal: AbortSignal,
  ): Promise<NodeFacts> {
    const { uid, resourceVersion } = node;
    const metadata = { uid, resourceVersion, annotations: { [marksAnnotation]: marks } };
    const body = spec === undefined ? { metadata } : { metadata, spec };
    try {
      const changed = await this.#rest.call({ method: "PATCH", path: pathOf(node), resource: "nodes", body, signal });
      return this.#project(changed);
    } catch (error) {
      // Another Node took the name: the server calls that an attempt to change the uid (422), not a conflict.
      if (error instanceof RejectedError && error.failure.status === 422 && /metadata\.uid/.test(error.failure.text)) {
        throw conflict("PATCH", node, error.failure.text, error);
      }
      throw error;
    }
  }
}

/** Pure. The list with our taint in it once; the entries of others as they were. */
export function withOutOfService(taints: readonly RawTaint[], wallMs: number): readonly RawTaint[] {
  if (taints.some(isOurs)) return taints;
  const timeAdded = `${new Date(wallMs).toISOString().slice(0, 19)}Z`;
  return [...taints, { ...outOfServiceTaint, timeAdded }];
}

function isOurs(taint: RawTaint): boolean {
  return taint.key === outOfServiceTaint.key && taint.effect === outOfServiceTaint.effect;
}

/** The annotation's text; null removes it when nothing of ours is left on the Node. */
function marksText({ repairId, bootID, marks }: NodeMarks): string | null {
  const isEmpty = marks.cordon === undefined && marks.outOfService === undefined;
  return isEmpty ? null : JSON.stringify({ repairId, bootID, marks });
}

function pathOf(node: NodeFacts): string {
  return objectPath(nodesPath, node.name);
}

function conflict(method: string, node: NodeFacts, text: string, cause?: unknown): ConflictError {
  const failure = { method, path: pathOf(node), status: 409, reason: "Conflict", text, causes: [] };
  return new ConflictError(failure, "read the Node again and decide anew", cause === undefined ? undefined : { cause });
}
