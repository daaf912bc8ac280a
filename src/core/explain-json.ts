import type { Explanation } from "./explain.ts";
import type { WallMs } from "./time.ts";

/** What an explanation was made from. */
export interface KnownBy {
  readonly asOfWallMs: WallMs;
  readonly leader: string | undefined;
  /** Where the configuration came from. */
  readonly config: string;
  /** What could not be read or known, one line each. */
  readonly notes: readonly string[];
}

/** An explanation for programs, in the words for people: `aceso explain -o json` and the page's API. */
export function explanationJson({ next, ...rest }: Explanation, { asOfWallMs, leader, config, notes }: KnownBy) {
  const { what, afterMs } = next;
  return {
    ...rest,
    next:
      afterMs === undefined
        ? { what }
        : { what, at: wholeSecond(asOfWallMs + afterMs), afterSeconds: Math.ceil(afterMs / 1_000) },
    asOf: wholeSecond(asOfWallMs),
    leader: leader ?? null,
    config,
    notes,
  };
}

/** RFC 3339 in UTC, as Kubernetes writes its own times. */
function wholeSecond(wallMs: WallMs): string {
  return `${new Date(wallMs).toISOString().slice(0, 19)}Z`;
}
