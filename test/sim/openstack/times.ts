/** `2026-11-22T03:51:29.000000`, as Python writes it: without a zone. */
export function microText(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/Z$/, "000");
}

/** `2026-11-22T03:51:29.000000`: whole seconds, yet written with six digits. */
export function wholeMicroText(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/\.\d+Z$/, ".000000");
}

/** `2026-11-22T03:51:29Z` */
export function secondText(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/\.\d+Z$/, "Z");
}

/** `2026-11-22T03:51:29+00:00`, Magnum's way. */
export function offsetText(wallMs: number): string {
  return secondText(wallMs).replace(/Z$/, "+00:00");
}
