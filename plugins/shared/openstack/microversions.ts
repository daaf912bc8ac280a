import type { IncomingHttpHeaders } from "node:http";
import { headerOf } from "./caller.ts";

/** Microversions that a service speaks, both ends included, as `2.1` and `2.93`. */
export interface MicroversionRange {
  readonly min: string;
  readonly max: string;
}

/**
 * The range, from the answer to a GET of a service's version: Magnum says it in headers, Nova and Cinder in the body.
 *
 * @returns undefined when the service names none: it speaks one version only
 */
export function rangeOf(headers: IncomingHttpHeaders, body: unknown): MicroversionRange | undefined {
  const min = headerOf(headers, "openstack-api-minimum-version");
  const max = headerOf(headers, "openstack-api-maximum-version");
  const inHeaders = toRange(lastWord(min), lastWord(max));
  if (inHeaders !== undefined) return inHeaders;
  const { version, versions } = (typeof body === "object" && body !== null ? body : {}) as Readonly<
    Record<string, unknown>
  >;
  for (const entry of [version, ...(Array.isArray(versions) ? versions : [])]) {
    if (typeof entry !== "object" || entry === null) continue;
    const { min_version, max_version, version: newest } = entry as Readonly<Record<string, unknown>>;
    const range = toRange(min_version, max_version ?? newest);
    if (range !== undefined) return range;
  }
  return undefined;
}

/** Whether `version` lies in the range. Compared as numbers: 2.9 is older than 2.10. */
export function isSupported(range: MicroversionRange | undefined, version: string): boolean {
  return range !== undefined && compareVersions(range.min, version) <= 0 && compareVersions(version, range.max) <= 0;
}

/** Negative when `a` is older, positive when it is newer. Both as `MAJOR.MINOR`. */
export function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split(".").map(Number);
  const [majorB = 0, minorB = 0] = b.split(".").map(Number);
  return majorA - majorB || minorA - minorB;
}

/** `container-infra 1.10` → `1.10` */
function lastWord(text: string | undefined): string | undefined {
  return text?.trim().split(/\s+/).at(-1);
}

function toRange(min: unknown, max: unknown): MicroversionRange | undefined {
  const isVersion = (value: unknown): value is string => typeof value === "string" && /^\d+\.\d+$/.test(value);
  return isVersion(min) && isVersion(max) ? { min, max } : undefined;
}
