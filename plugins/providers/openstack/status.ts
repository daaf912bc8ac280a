/** How a stack, a cluster or a node group stands, by the end of its status: `UPDATE_IN_PROGRESS`, `CREATE_COMPLETE`, … */
export function progressOf(status: string): "busy" | "failed" | "settled" | "other" {
  if (status.endsWith("_IN_PROGRESS")) return "busy";
  if (status.endsWith("_FAILED")) return "failed";
  return status.endsWith("_COMPLETE") && !status.startsWith("DELETE") ? "settled" : "other";
}
