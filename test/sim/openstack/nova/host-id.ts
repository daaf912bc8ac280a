import { createHash } from "node:crypto";

/** What owners see of a host: the same value for the same project and host. */
export function hostIdOf(projectId: string, host: string): string {
  return createHash("sha224")
    .update(projectId + host)
    .digest("hex");
}
