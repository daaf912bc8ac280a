import type { WallMs } from "../core/time.ts";

/** Kubernetes' MicroTime: exactly six digits of a second, or the server refuses it (JavaScript writes three). */
export function microTime(wallMs: WallMs): string {
  return new Date(Math.floor(wallMs)).toISOString().replace("Z", "000Z");
}
