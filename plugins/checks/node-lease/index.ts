import { type CheckContext, defineHealthCheck, type ParamValues } from "../../../src/plugin-api/index.ts";

/**
 * Judges the kubelet's Lease by our own sight of it. Kubelets renew it every 10 s
 * (https://kubernetes.io/docs/reference/node/node-status/#heartbeats).
 */
export default defineHealthCheck({
  id: "NodeLease",
  summary: "The kubelet's Lease changes more often than `silence`.",
  params: {},
  create(_params: ParamValues, { silenceMs }: CheckContext) {
    return {
      evaluate(_node, lease) {
        if (lease === undefined) return { verdict: "unknown", message: "the node has no Lease in kube-node-lease" };
        // Up to the last read and not up to now: while the API server cannot be read, nobody grows silent.
        const ageMs = lease.readAtMonoMs - lease.changedAtMonoMs;
        const seconds = Math.round(ageMs / 1_000);
        if (ageMs < silenceMs) return { verdict: "pass", message: `Lease changed within the last ${seconds} s` };
        return {
          verdict: "fail",
          message: `Lease unchanged for ${Math.round(silenceMs / 1_000)} s or more`,
          sinceMonoMs: lease.changedAtMonoMs,
        };
      },
    };
  },
});
