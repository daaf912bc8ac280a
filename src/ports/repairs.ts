import type { NodeName } from "../core/model.ts";
import type { RepairRecord } from "../core/record.ts";
import type { StoredRecord } from "../core/view.ts";

export type { StoredRecord };

/** The NodeRepair objects: one a node, named after it. */
export interface Journal {
  /** False until the list was read once. */
  readonly isSynced: boolean;
  /** As last watched. */
  records(): ReadonlyMap<NodeName, StoredRecord>;
  /** Reads one now. Undefined: none. @throws AcesoError when the server cannot be asked */
  read(node: NodeName, signal: AbortSignal): Promise<StoredRecord | undefined>;
  /**
   * Creates the object of a node that has none, with an empty status (`phase` undefined).
   * @throws ConflictError when it exists already
   */
  create(node: NodeName, signal: AbortSignal): Promise<RepairRecord>;
  /**
   * Writes the whole status, on the condition that the object still has `record.resourceVersion`. Returns what is stored.
   * A conflict or a lost answer is read back: when the stored record already says the same (same intent id, result id,
   * phase), that counts as written.
   * @throws ConflictError (remedy `re-read`) when somebody else wrote; NotFoundError when the object is gone
   */
  write(record: RepairRecord, signal: AbortSignal): Promise<RepairRecord>;
  onChange(listener: (node: NodeName | undefined) => void): () => void;
  run(signal: AbortSignal): Promise<void>;
}
