import { eventReasons } from "../core/event-reasons.ts";
import type { RepairRecord } from "../core/record.ts";
import { refuse, refuseStale } from "../core/requests.ts";
import type { Shift } from "./world.ts";

const journalTimeoutMs = 15_000;

/**
 * Answers a request that must not be acted upon, before anything else looks at it.
 *
 * @returns the record as it is then
 * @throws AcesoError when the record cannot be written
 */
export async function refuseStaleRequest(shift: Shift, record: RepairRecord): Promise<RepairRecord> {
  const refused = refuseStale(record, shift.clock.now().wallMs);
  return refused === undefined ? record : writeRefusal(shift, refused);
}

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
  const { nodes, clock, term } = shift;
  using deadline = clock.deadline(journalTimeoutMs, term.signal);
  const lease = await nodes.readLease(record.node, deadline.signal);
  if (lease?.hasMoved !== true || isSilent()) return false;
  await writeRefusal(shift, refuse(record, `the request confirm-off (${request.id}) is wrong: the node's Lease moves`));
  return true;
}

/** Told only by whoever wrote it, and by nobody after a crash in between: the record says it for good. */
async function writeRefusal(shift: Shift, refused: RepairRecord): Promise<RepairRecord> {
  const { clock, events, journal, log, nodes, term } = shift;
  using deadline = clock.deadline(journalTimeoutMs, term.signal);
  const written = await journal.write(refused, deadline.signal);
  const { node, refusedRequest } = refused;
  const note = `Refused: ${refusedRequest?.because ?? ""}.`;
  log.warn({ node, request: refusedRequest?.id }, `${node}: ${note}`);
  events.record({
    node,
    nodeUid: nodes.nodes().get(node)?.uid ?? "",
    type: eventReasons.RequestRefused.type,
    reason: "RequestRefused",
    // part of what makes two notes one Event: another request is another Event
    action: `Refusing-${refusedRequest?.id ?? ""}`,
    note,
    record: written,
  });
  return written;
}
