/** Values for `-o`. */
export const outputs = ["table", "wide", "json", "yaml"] as const;
export type Output = (typeof outputs)[number];

/** JSON as kubectl prints it, with a newline at its end. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 4)}\n`;
}

/** RFC 3339 in UTC, whole seconds, as Kubernetes writes its own times. */
export function timeText(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19)}Z`;
}
