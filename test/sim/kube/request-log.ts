import type { Fields } from "./object.ts";
import type { ApiRequest } from "./request.ts";

/** One request as a test may ask about it afterwards. */
export interface LogEntry {
  readonly atMonoMs: number;
  readonly instance: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly plural: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly isWatch: boolean;
  readonly isWrite: boolean;
  /** Of writes. */
  readonly body: Fields | undefined;
  /** Code of the answer; 0 when none was sent. */
  status: number;
}

const kept = 50_000;

/** The latest 50,000 requests, oldest first. */
export class RequestLog {
  readonly entries: LogEntry[] = [];

  begin(request: ApiRequest, atMonoMs: number): LogEntry {
    const { instance, method, path, query, kind, namespace, name, subresource, isWatch, isWrite, body } = request;
    const entry: LogEntry = {
      ...{ atMonoMs, instance, method, path, namespace, name, subresource, isWatch, isWrite },
      query: query.toString(),
      plural: kind?.plural,
      body: isWrite ? body : undefined,
      status: 0,
    };
    this.entries.push(entry);
    if (this.entries.length > kept) this.entries.shift();
    return entry;
  }

  /** Requests whose named fields have these values. */
  find(wanted: Partial<LogEntry>): LogEntry[] {
    const fields = Object.entries(wanted) as [keyof LogEntry, unknown][];
    return this.entries.filter((entry) => fields.every(([key, value]) => entry[key] === value));
  }

  clear(): void {
    this.entries.length = 0;
  }
}
