import { hourMs, type MonoMs, minuteMs } from "../core/time.ts";
import type { EventNote } from "../ports/events.ts";

/** What an Event is about, as the API refers to it. */
export interface Regarding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** An Event that stands for one or more notes. */
export interface Series {
  readonly name: string;
  readonly regarding: Regarding;
  readonly note: EventNote;
  count: number;
  startedAt: MonoMs;
  writtenAt: MonoMs | undefined;
}

const mostSeries = 512;
const otherNoteMs = minuteMs / 2;

/**
 * Which Event a note belongs to: the same reason about the same object goes on with the Event there is, unless that is an
 * hour old (servers forget Events then) or says something else and is half a minute old (a note cannot be changed).
 */
export class EventSeries {
  readonly #series = new Map<string, Series>();
  #made = 0;

  /** @param stem makes names unique across restarts */
  take(note: EventNote, regarding: Regarding, now: MonoMs, stem: string): Series {
    const key = JSON.stringify([regarding.kind, regarding.name, regarding.uid, note.type, note.reason, note.action]);
    const known = this.#series.get(key);
    if (known !== undefined && goesOn(known, note, now)) {
      known.count += 1;
      return known;
    }
    this.#made += 1;
    const name = `${note.node}.${stem}.${this.#made.toString(16)}`;
    const fresh: Series = { name, regarding, note, count: 1, startedAt: now, writtenAt: undefined };
    this.#series.delete(key);
    this.#series.set(key, fresh);
    // Oldest first: a Map keeps the order of insertion.
    const oldest = this.#series.keys().next().value;
    if (this.#series.size > mostSeries && oldest !== undefined) this.#series.delete(oldest);
    return fresh;
  }
}

function goesOn(series: Series, note: EventNote, now: MonoMs): boolean {
  const ageMs = now - series.startedAt;
  return ageMs < (series.note.note === note.note ? hourMs : otherNoteMs);
}
