import type { EventNote } from "../ports/events.ts";

/** What makes a note a message of its own. */
export interface Envelope {
  /** The same at every attempt to send it: a receiver that has seen it drops it. */
  readonly id: string;
  /** When it happened. */
  readonly wallMs: number;
  /** Name of this cluster; may be empty. */
  readonly cluster: string;
}

/** The body of a notification, as JSON. docs/monitoring.md describes it; a field is never given another meaning. */
export function bodyOf(note: EventNote, { id, wallMs, cluster }: Envelope): string {
  const { record } = note;
  return JSON.stringify({
    version: 1,
    id,
    time: timeText(wallMs),
    cluster,
    event: note.reason,
    severity: note.type === "Warning" ? "warning" : "normal",
    node: note.node,
    phase: record?.phase ?? null,
    hold: note.hold ?? null,
    sentence: note.note,
    facts: {
      nodeUid: note.nodeUid,
      ...(record !== undefined && {
        repair: record.id,
        startedAt: timeText(record.startedAtWallMs),
        rung: record.rung ?? null,
        attempt: record.attempt,
        machine: record.identity?.machine ?? null,
        evidence: record.evidence.map(({ source, machine, value, text, readAtWallMs }) => ({
          ...{ source, machine, value, text },
          readAt: timeText(readAtWallMs),
        })),
      }),
    },
  });
}

/** Notes that say the same again. */
export function sameness({ node, reason, action, record }: EventNote): string {
  return JSON.stringify([node, reason, action, record?.id, record?.rung, record?.attempt]);
}

/** A record that was edited by hand may hold a time that is none: it must not keep the rest from being told. */
function timeText(wallMs: number): string | null {
  const time = new Date(wallMs);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
