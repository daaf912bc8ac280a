import type { NodeName } from "../core/model.ts";
import type { RepairRecord } from "../core/record.ts";
import type { Log } from "../ports/log.ts";
import type { Journal, StoredRecord } from "../ports/repairs.ts";
import { objectPath, repairsPath } from "./paths.ts";
import { fromNodeRepair } from "./record-codec.ts";
import { saysTheSame } from "./record-match.ts";
import { toStatusPatch } from "./record-status.ts";
import { Reflector } from "./reflector.ts";
import type { KubeRest } from "./rest.ts";
import { AnswerLostError, ConflictError, RejectedError } from "./status-error.ts";
import type { KubeObject } from "./wire.ts";

const apiVersion = "aceso.dev/v1alpha1";
const resource = "noderepairs";

/** The NodeRepair objects of the cluster. */
export class KubeJournal implements Journal {
  readonly #rest: KubeRest;
  readonly #reflector: Reflector<StoredRecord>;

  constructor(rest: KubeRest, log: Log) {
    this.#rest = rest;
    this.#reflector = new Reflector(rest, log, { path: repairsPath, resource, project: fromNodeRepair });
  }

  get isSynced(): boolean {
    return this.#reflector.isSynced;
  }

  records(): ReadonlyMap<NodeName, StoredRecord> {
    return this.#reflector.items;
  }

  async read(node: NodeName, signal: AbortSignal): Promise<StoredRecord | undefined> {
    const object = await this.#rest.find({ path: pathOf(node), resource, signal });
    return object && fromNodeRepair(object);
  }

  async create(node: NodeName, signal: AbortSignal): Promise<RepairRecord> {
    const body = { apiVersion, kind: "NodeRepair", metadata: { name: node }, spec: {} };
    try {
      return recordOf(await this.#rest.call({ method: "POST", path: repairsPath, resource, body, signal }));
    } catch (error) {
      if (!(error instanceof AnswerLostError)) throw error;
      const stored = await this.#readBack(node, error, signal);
      // An untouched object is what we wanted, whoever made it.
      if (stored?.kind === "record" && stored.record.phase === undefined) return stored.record;
      throw error;
    }
  }

  async write(record: RepairRecord, signal: AbortSignal): Promise<RepairRecord> {
    const body = { metadata: { resourceVersion: record.resourceVersion }, status: toStatusPatch(record) };
    const path = `${pathOf(record.node)}/status`;
    try {
      const object = await this.#rest.call({ method: "PATCH", path, resource, body, signal });
      this.#reflector.put(object);
      return recordOf(object);
    } catch (error) {
      if (!(error instanceof ConflictError) && !(error instanceof AnswerLostError)) throw error;
      const stored = await this.#readBack(record.node, error, signal);
      if (saysTheSame(stored, record)) return stored.record;
      throw error;
    }
  }

  /** When reading back fails too, the first error is the one that says what is unknown. */
  async #readBack(node: NodeName, first: Error, signal: AbortSignal): Promise<StoredRecord | undefined> {
    return await this.read(node, signal).catch(() => {
      throw first;
    });
  }

  onChange(listener: (node: NodeName | undefined) => void): () => void {
    return this.#reflector.onChange(listener);
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#reflector.run(signal);
  }
}

/** The record in an answer of the server to our own write. */
function recordOf(object: KubeObject): RepairRecord {
  const stored = fromNodeRepair(object);
  if (stored.kind === "record") return stored.record;
  const { node, problem } = stored.unreadable;
  const failure = { method: "PATCH", path: pathOf(node), status: 200, reason: "", text: problem, causes: [] };
  throw new RejectedError(failure, "the server stored something else than was written");
}

function pathOf(node: NodeName): string {
  return objectPath(repairsPath, node);
}
