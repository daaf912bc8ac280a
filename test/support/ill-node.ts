import { minuteMs } from "../../src/core/time.ts";
import { ago, crowd, node, notReady, still, view } from "./core-builders.ts";

/** A node that is not Ready. */
export const ill = node("n1", notReady);
const finding = (forMs: number) => ({
  check: "NodeLease",
  message: "unchanged",
  sinceMonoMs: ago(forMs),
  unhealthyDurationMs: 55_000,
});

/** A cluster in which n1 has been silent for a while and everybody else is well. */
export function withIll(changes: Parameters<typeof view>[0] = {}, forMs = 2 * minuteMs) {
  const nodes = changes.nodes ?? [ill, ...crowd];
  const base = view({ nodes, passive: new Map([["n1", [finding(forMs)]]]), ...changes });
  return { ...base, leases: new Map([...base.leases, ["n1", still(forMs)]]) };
}
