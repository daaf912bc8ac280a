import { AcesoError } from "../core/errors.ts";
import type { NodeName } from "../core/model.ts";
import type { AnnotationChange } from "../core/pause.ts";
import type { PeopleWrites, Wish } from "../ports/people-writes.ts";
import type { StoredRecord } from "../ports/repairs.ts";
import { timeText } from "./json-fields.ts";
import { daemonSetsPath, nodesPath, objectPath, repairsPath } from "./paths.ts";
import { fromNodeRepair } from "./record-codec.ts";
import type { KubeRest } from "./rest.ts";
import { ConflictError, NotFoundError, RejectedError } from "./status-error.ts";

/** What the schema does not know would vanish silently; servers before 1.25 let it. */
const query = { fieldValidation: "Strict" };
/** How servers begin to say so. A patch is repeated whole before the field is named, so the name may be cut off. */
const unknownField = /strict decoding error|patch: Invalid value/;

/** The server's NodeRepair does not know a field of a request. */
export class CrdOutdatedError extends AcesoError {
  readonly code = "ACESO_CRD_OUTDATED";
  readonly remedy = "ask-operator";
}

/** What people write, with the credentials of the connection handed in. */
export class KubePeopleWrites implements PeopleWrites {
  readonly #rest: KubeRest;
  readonly #namespace: string;
  readonly #daemonSet: string | undefined;

  constructor(rest: KubeRest, namespace: string, daemonSet: string | undefined) {
    this.#rest = rest;
    this.#namespace = namespace;
    this.#daemonSet = daemonSet;
  }

  async annotateNode(name: NodeName, change: AnnotationChange, signal: AbortSignal): Promise<void> {
    await this.#annotate(objectPath(nodesPath, name), "nodes", change, signal);
  }

  async annotateDaemonSet(change: AnnotationChange, signal: AbortSignal): Promise<void> {
    const path = objectPath(daemonSetsPath(this.#namespace), this.#daemonSet ?? "");
    await this.#annotate(path, "daemonsets", change, signal);
  }

  async ask(name: NodeName, wish: Wish, signal: AbortSignal): Promise<void> {
    const { id, kind, repairId, bootId, askedAtWallMs, reason, requestedBy } = wish;
    const askedAt = timeText(askedAtWallMs);
    const request = {
      id,
      kind,
      askedAt,
      ...(repairId !== undefined && { repairId }),
      ...(bootId !== undefined && { bootId }),
    };
    const told = { requestedBy, ...(reason !== undefined && { reason }) };
    // Null where nothing is said: a merge patch would keep what the request before said.
    const patch = { request: { repairId: null, bootId: null, ...request }, reason: null, ...told };
    await this.#askWith(name, patch, { request, ...told }, signal).catch((error: unknown) => {
      throw error instanceof RejectedError && unknownField.test(error.failure.text) ? outdated(error) : error;
    });
  }

  async #askWith(name: NodeName, patch: object, spec: object, signal: AbortSignal): Promise<void> {
    try {
      await this.#patchSpec(name, patch, signal);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      await this.#create(name, spec, signal).catch(async (problem: unknown) => {
        if (!(problem instanceof ConflictError)) throw problem;
        await this.#patchSpec(name, patch, signal);
      });
    }
  }

  async unpauseRepair(name: NodeName, signal: AbortSignal): Promise<void> {
    await this.#patchSpec(name, { paused: null }, signal);
  }

  async record(name: NodeName, signal: AbortSignal): Promise<StoredRecord | undefined> {
    const object = await this.#rest.find({ path: objectPath(repairsPath, name), resource: "noderepairs", signal });
    return object && fromNodeRepair(object);
  }

  async #annotate(path: string, resource: string, annotations: AnnotationChange, signal: AbortSignal): Promise<void> {
    await this.#rest.call({ method: "PATCH", path, resource, body: { metadata: { annotations } }, signal });
  }

  async #patchSpec(name: NodeName, spec: object, signal: AbortSignal): Promise<void> {
    const path = objectPath(repairsPath, name);
    await this.#rest.call({ method: "PATCH", path, resource: "noderepairs", query, body: { spec }, signal });
  }

  async #create(name: NodeName, spec: object, signal: AbortSignal): Promise<void> {
    const body = { apiVersion: "aceso.dev/v1alpha1", kind: "NodeRepair", metadata: { name }, spec };
    await this.#rest.call({ method: "POST", path: repairsPath, resource: "noderepairs", query, body, signal });
  }
}

function outdated(cause: RejectedError): CrdOutdatedError {
  const { method, path, status } = cause.failure;
  const what = `${method} ${path}: ${status}: the cluster's NodeRepair is of another version and would drop a part`;
  const todo = "run: kubectl replace -f manifests/crds (objects stay), then ask again";
  return new CrdOutdatedError(`${what} of the request; nothing was written; ${todo}`, { cause });
}
