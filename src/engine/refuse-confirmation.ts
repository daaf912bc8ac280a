import type { RepairRecord } from "../core/record.ts";
import type { Shift } from "./world.ts";

/**
 * A person's word that a machine is off, about a node that lives, must not wait there for the day it falls silent.
 *
 * @returns whether there was one, and it was refused
 * @throws AcesoError when the Lease cannot be read or the record cannot be written
 */
export async function refuseConfirmation(
  shift: Shift,
  record: RepairRecord,
  isSilent: () => boolean,
): Promise<boolean> {
  const { request } = record.wishes;
  if (request?.kind !== "confirm-off" || request.id === record.handledRequest) return false;
  const { journal, nodes, clock, term, log } = shift;
  using deadline = clock.deadline(15_000, term.signal);
  const lease = await nodes.readLease(record.node, deadline.signal);
  if (lease?.hasMoved !== true || isSilent()) return false;
  await journal.write(
    { ...record, handledRequest: request.id, message: "confirm-off refused: the node's Lease moves" },
    deadline.signal,
  );
  log.warn({ node: record.node, request: request.id }, "confirm-off refused: the node's Lease moves");
  return true;
}
