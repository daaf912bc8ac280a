/** One metric. Names follow Prometheus' rules; a node's name is never a label of a counter. */
export interface MetricSpec {
  readonly kind: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
}

/** Every metric there is. */
export const metrics = {
  aceso_leader: { kind: "gauge", help: "1 while this replica leads.", labels: [] },
  aceso_nodes_by_action: {
    kind: "gauge",
    help: "Nodes that are not plainly well, by what is done about them.",
    labels: ["action"],
  },
  aceso_nodes_held: { kind: "gauge", help: "Nodes on which no repair begins, by reason.", labels: ["reason"] },
  aceso_repairs_total: {
    kind: "counter",
    help: "Repairs that ended, by outcome and last rung.",
    labels: ["outcome", "rung"],
  },
  aceso_repair_phases_total: { kind: "counter", help: "Phases entered.", labels: ["phase"] },
  aceso_effects_total: {
    kind: "counter",
    help: "Effects run on nodes and machines, by how they ended.",
    labels: ["effect", "outcome"],
  },
  aceso_reconcile_errors_total: {
    kind: "counter",
    help: "Steps that could not be taken, by error code.",
    labels: ["code"],
  },
  aceso_check_errors_total: { kind: "counter", help: "Passive checks that threw.", labels: ["check"] },
  aceso_probes_total: {
    kind: "counter",
    help: "Probes run by this observer, by verdict.",
    labels: ["check", "verdict"],
  },
  aceso_probe_faults_total: {
    kind: "counter",
    help: "Probes that overran, threw or answered nonsense.",
    labels: ["check", "fault"],
  },
  aceso_reports_published_total: { kind: "counter", help: "ObserverReports written.", labels: ["result"] },
  aceso_sweep_seconds: { kind: "histogram", help: "Time of one sweep over all targets.", labels: [] },
  aceso_kube_requests_total: {
    kind: "counter",
    help: "Requests to the API servers; code 0: no answer.",
    labels: ["verb", "resource", "code"],
  },
  aceso_kube_request_seconds: {
    kind: "histogram",
    help: "Time of requests to the API servers.",
    labels: ["verb", "resource"],
  },
  aceso_kube_received_bytes_total: { kind: "counter", help: "Bytes of answers' bodies.", labels: ["resource"] },
  aceso_kube_server_left_total: { kind: "counter", help: "API servers given up for another one.", labels: [] },
  aceso_kube_watch_broken_total: {
    kind: "counter",
    help: "Watches that had to be opened again.",
    labels: ["resource", "why"],
  },
  aceso_kube_handler_errors_total: {
    kind: "counter",
    help: "Objects or changes that could not be taken in.",
    labels: ["resource"],
  },
  aceso_events_dropped_total: {
    kind: "counter",
    help: "Kubernetes Events that could not be written.",
    labels: ["why"],
  },
} as const satisfies Record<string, MetricSpec>;
