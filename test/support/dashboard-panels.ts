/** One panel of the dashboard. */
export interface Panel {
  readonly title: string;
  readonly about: string;
  readonly type: "stat" | "timeseries" | "heatmap" | "table";
  /** PromQL and how Grafana names what it gives. */
  readonly shows: readonly (readonly [expression: string, legend: string])[];
  readonly unit?: "short" | "s" | "percentunit" | "reqps" | "dateTimeFromNow";
  /** Of 24 columns. */
  readonly width: number;
}

const quantiles = (metric: string): Panel["shows"] =>
  [0.5, 0.95].map((share) => [
    `histogram_quantile(${share}, sum by (le) (increase(${metric}_bucket{job=~"$job"}[$__range])))`,
    `${share * 100} %`,
  ]);
const leader = (metric: string, matchers = "") => `${metric}{job=~"$job"${matchers === "" ? "" : `,${matchers}`}}`;

/** What the dashboard shows, from top to bottom. */
export const dashboardRows: readonly { readonly title: string; readonly panels: readonly Panel[] }[] = [
  {
    title: "Now",
    panels: [
      {
        title: "Leaders",
        about: "One, always. None for a moment while the lead changes hands.",
        type: "stat",
        shows: [[`sum(${leader("aceso_leader")})`, "leaders"]],
        width: 3,
      },
      {
        title: "Replicas that see",
        about: "Observers whose reports count.",
        type: "stat",
        shows: [[`max(${leader("aceso_observers", 'state="fresh"')})`, "fresh"]],
        width: 3,
      },
      {
        title: "Nodes not well",
        about: "Everything but Well.",
        type: "stat",
        shows: [[`sum(max by (state) (${leader("aceso_nodes", 'state!="Well"')}))`, "nodes"]],
        width: 3,
      },
      {
        title: "Repairs under way",
        about: "Those that are held are not counted.",
        type: "stat",
        shows: [[`sum(max by (phase, rung) (${leader("aceso_repairs", 'phase!="Held"')}))`, "repairs"]],
        width: 3,
      },
      {
        title: "Held",
        about: "Repairs that wait for a person, or for the node to recover by itself.",
        type: "stat",
        shows: [[`sum(max by (phase, rung) (${leader("aceso_repairs", 'phase="Held"')}))`, "repairs"]],
        width: 3,
      },
      {
        title: "Oldest repair under way",
        about: "When it began.",
        type: "stat",
        shows: [[`min(${leader("aceso_oldest_repair_timestamp_seconds", 'state="active"')}) * 1000`, "began"]],
        unit: "dateTimeFromNow",
        width: 4,
      },
      {
        title: "Leader's last pass",
        about: "When it last judged all nodes.",
        type: "stat",
        shows: [[`max(${leader("aceso_last_pass_timestamp_seconds")}) * 1000`, "pass"]],
        unit: "dateTimeFromNow",
        width: 5,
      },
    ],
  },
  {
    title: "Nodes",
    panels: [
      {
        title: "Nodes by state",
        about: "In the words of aceso status; Well is left out.",
        type: "timeseries",
        shows: [[`max by (state) (${leader("aceso_nodes", 'state!="Well"')}) > 0`, "{{state}}"]],
        width: 12,
      },
      {
        title: "Nodes held, by reason",
        about: "For which nothing is done, and why.",
        type: "timeseries",
        shows: [[`max by (reason) (${leader("aceso_nodes_held")}) > 0`, "{{reason}}"]],
        width: 12,
      },
      {
        title: "Failing checks",
        about: "Nodes on which a check fails.",
        type: "timeseries",
        shows: [[`max by (check) (${leader("aceso_findings")})`, "{{check}}"]],
        width: 12,
      },
      {
        title: "Repairs by phase",
        about: "",
        type: "timeseries",
        shows: [[`sum by (phase) (max by (phase, rung) (${leader("aceso_repairs")})) > 0`, "{{phase}}"]],
        width: 12,
      },
    ],
  },
  {
    title: "Repairs",
    panels: [
      {
        title: "Ended, by outcome and rung",
        about: "Within the time that is shown.",
        type: "table",
        shows: [[`sum by (outcome, rung) (increase(${leader("aceso_repairs_total")}[$__range])) > 0`, ""]],
        width: 12,
      },
      {
        title: "Released without proof",
        about: "By whose word. Should be nothing where there is a provider.",
        type: "stat",
        shows: [[`sum by (by) (increase(${leader("aceso_unproven_releases_total")}[$__range]))`, "{{by}}"]],
        width: 6,
      },
      {
        title: "Releases overdue",
        about: "Pods or volumes that were not free in time.",
        type: "stat",
        shows: [[`max(${leader("aceso_releases_overdue")})`, "repairs"]],
        width: 6,
      },
      ...(["detect", "fence", "release", "return"] as const).map(
        (what): Panel => ({
          title: `Time to ${what}`,
          about: "Median and 95th percentile within the time that is shown.",
          type: "stat",
          shows: quantiles(`aceso_time_to_${what}_seconds`),
          unit: "s",
          width: 6,
        }),
      ),
      {
        title: "Effects that did not end well",
        about: "On nodes and machines.",
        type: "timeseries",
        shows: [
          [
            `sum by (effect, outcome) (increase(${leader("aceso_effects_total", 'outcome!="done"')}[$__rate_interval])) > 0`,
            "{{effect}} {{outcome}}",
          ],
        ],
        width: 24,
      },
    ],
  },
  {
    title: "Aceso itself",
    panels: [
      {
        title: "Provider: calls",
        about: "By operation and how they ended.",
        type: "timeseries",
        shows: [
          [
            `sum by (operation, code) (rate(${leader("aceso_provider_calls_total")}[$__rate_interval]))`,
            "{{operation}} {{code}}",
          ],
        ],
        unit: "reqps",
        width: 12,
      },
      {
        title: "Provider: time of calls",
        about: "95th percentile.",
        type: "timeseries",
        shows: [
          [
            `histogram_quantile(0.95, sum by (le, operation) (rate(${leader("aceso_provider_call_seconds_bucket")}[$__rate_interval])))`,
            "{{operation}}",
          ],
        ],
        unit: "s",
        width: 12,
      },
      {
        title: "API servers: requests",
        about: "Code 0: no answer.",
        type: "timeseries",
        shows: [[`sum by (code) (rate(${leader("aceso_kube_requests_total")}[$__rate_interval]))`, "{{code}}"]],
        unit: "reqps",
        width: 12,
      },
      {
        title: "API servers: time of requests",
        about: "95th percentile.",
        type: "timeseries",
        shows: [
          [
            `histogram_quantile(0.95, sum by (le, verb) (rate(${leader("aceso_kube_request_seconds_bucket")}[$__rate_interval])))`,
            "{{verb}}",
          ],
        ],
        unit: "s",
        width: 12,
      },
      {
        title: "Probes by verdict",
        about: "Of all observers.",
        type: "timeseries",
        shows: [
          [
            `sum by (check, verdict) (rate(${leader("aceso_probes_total")}[$__rate_interval]))`,
            "{{check}} {{verdict}}",
          ],
        ],
        unit: "reqps",
        width: 12,
      },
      {
        title: "Steps that failed, and the queue",
        about: "Errors by code; nodes that are worked on or wait for their next look.",
        type: "timeseries",
        shows: [
          [`sum by (code) (increase(${leader("aceso_reconcile_errors_total")}[$__rate_interval]))`, "{{code}}"],
          [`max(${leader("aceso_queue_depth")})`, "queue"],
        ],
        width: 12,
      },
    ],
  },
];
