import type { MeterLabels } from "../ports/meter.ts";

/** One metric. Names and units follow Prometheus' rules; no label ever holds a node's name or free text. */
export interface MetricSpec {
  readonly kind: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  /** `leader`: a gauge that only the leading replica shows. */
  readonly of?: "leader";
  /** Upper bounds of a histogram; `calls` where nothing is said. */
  readonly buckets?: BucketName;
  /** Series that are 0 from the start, so that the first occurrence already is an increase. */
  readonly begins?: readonly MeterLabels[];
}

/** Seconds. `calls`: from a cached answer to a provider's slowest call. `repairs`: from seconds to an hour. */
export const buckets = {
  calls: [0.005, 0.02, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
  repairs: [1, 2.5, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1_200, 1_800, 3_600],
} as const;
export type BucketName = keyof typeof buckets;

/** Every metric there is. */
export const metrics = {
  aceso_leader: { kind: "gauge", help: "1 while this replica leads.", labels: [] },
  aceso_nodes: {
    kind: "gauge",
    of: "leader",
    help: "Nodes by state, in the words of aceso status; Missing: a repair goes on without its Node.",
    labels: ["state"],
  },
  aceso_nodes_held: {
    kind: "gauge",
    of: "leader",
    help: "Nodes for which nothing is done at present, by reason: before, within or after a repair.",
    labels: ["reason"],
  },
  aceso_findings: { kind: "gauge", of: "leader", help: "Nodes on which a check fails, by check.", labels: ["check"] },
  aceso_repairs: {
    kind: "gauge",
    of: "leader",
    help: "Repairs under way or held, by phase and rung.",
    labels: ["phase", "rung"],
  },
  aceso_oldest_repair_timestamp_seconds: {
    kind: "gauge",
    of: "leader",
    help: "When the oldest repair under way began (active), and when the longest held one was held (held). Not there without one.",
    labels: ["state"],
  },
  aceso_releases_overdue: {
    kind: "gauge",
    of: "leader",
    help: "Repairs under way or held whose pods or volumes were not free when release-timeout was over.",
    labels: [],
  },
  aceso_observers: {
    kind: "gauge",
    of: "leader",
    help: "ObserverReports that are fresh, stale, or fresh of an observer that doubts its own sight.",
    labels: ["state"],
  },
  aceso_queue_depth: {
    kind: "gauge",
    of: "leader",
    help: "Nodes whose repair is being worked on or waits for its next look.",
    labels: [],
  },
  aceso_last_pass_timestamp_seconds: {
    kind: "gauge",
    of: "leader",
    help: "When the leader last judged all nodes on what it had read a moment before.",
    labels: [],
  },
  aceso_time_to_detect_seconds: {
    kind: "histogram",
    buckets: "repairs",
    help: "From the first sign of illness that this leader saw to the beginning of the repair.",
    labels: [],
  },
  aceso_time_to_fence_seconds: {
    kind: "histogram",
    buckets: "repairs",
    help: "From the beginning of the repair to the moment at which the machine counted as off.",
    labels: [],
  },
  aceso_time_to_release_seconds: {
    kind: "histogram",
    buckets: "repairs",
    help: "From a machine that counts as off to free pods and volumes.",
    labels: [],
  },
  aceso_time_to_return_seconds: {
    kind: "histogram",
    buckets: "repairs",
    help: "From the beginning of the repair to a node in service, by last rung.",
    labels: ["rung"],
  },
  aceso_repairs_total: {
    kind: "counter",
    help: "Repairs that ended, by outcome and last rung.",
    labels: ["outcome", "rung"],
  },
  aceso_repair_phases_total: { kind: "counter", help: "Phases entered.", labels: ["phase"] },
  aceso_unproven_releases_total: {
    kind: "counter",
    help: "Releases without a provider's proof, by whose word: the configuration's (fencing.accept-unproven) or a person's (confirm-off).",
    labels: ["by"],
    begins: [{ by: "configuration" }, { by: "person" }],
  },
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
  aceso_provider_calls_total: {
    kind: "counter",
    help: "Calls to the provider, by operation; code: ok, the error's code and remedy, or bug.",
    labels: ["operation", "code"],
  },
  aceso_provider_call_seconds: { kind: "histogram", help: "Time of calls to the provider.", labels: ["operation"] },
  aceso_check_errors_total: { kind: "counter", help: "Passive checks that threw.", labels: ["check"] },
  aceso_probes_total: {
    kind: "counter",
    help: "Probes run by this observer, by verdict.",
    labels: ["check", "verdict"],
  },
  aceso_probe_seconds: { kind: "histogram", help: "Time of this observer's probes.", labels: ["check"] },
  aceso_probe_faults_total: {
    kind: "counter",
    help: "Probes that overran, threw or answered nonsense.",
    labels: ["check", "fault"],
  },
  aceso_reports_published_total: { kind: "counter", help: "ObserverReports written.", labels: ["result"] },
  aceso_sweep_seconds: { kind: "histogram", help: "Time of one sweep over all targets.", labels: [] },
  aceso_last_sweep_timestamp_seconds: {
    kind: "gauge",
    help: "When this observer last published what it sees. At least once a minute while all is well.",
    labels: [],
  },
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
  aceso_notifications_total: {
    kind: "counter",
    help: "Notifications by what became of them: sent, refused by the receiver, expired after an hour of trying, or dropped because too many waited.",
    labels: ["result"],
    begins: [{ result: "sent" }, { result: "refused" }, { result: "expired" }, { result: "dropped" }],
  },
  aceso_notifications_waiting: { kind: "gauge", help: "Notifications that are yet to be sent.", labels: [] },
} as const satisfies Record<string, MetricSpec>;
