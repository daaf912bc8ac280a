/** One look at one alert, as promtool's unit tests have it. Samples are a minute apart, from time 0 of the clock. */
export interface AlertCase {
  readonly alert: string;
  readonly when: string;
  /** By series, in promtool's notation: `1x60` is sixty-one samples of 1, `_` none, `stale` the end of a series. */
  readonly series: Readonly<Record<string, string>>;
  /** When it is asked for. */
  readonly at: string;
  /** Undefined: it must not fire. Otherwise its labels but severity, and what the expressions in its texts come to. */
  readonly fires?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly shown?: Readonly<Record<string, string>>;
  };
}

const held = (reason: string, instance = "a") => `aceso_nodes_held{reason="${reason}",instance="${instance}"}`;
const oldest = (state: string) => `aceso_oldest_repair_timestamp_seconds{state="${state}",instance="a"}`;
const calls = (operation: string, code: string) =>
  `aceso_provider_calls_total{operation="${operation}",code="${code}"}`;
const requests = (code: string) => `aceso_kube_requests_total{verb="GET",resource="nodes",code="${code}"}`;

export const alertCases: readonly AlertCase[] = [
  {
    alert: "AcesoNodeHeld",
    when: "a node is held for twenty minutes, also over a change of the leader",
    series: { [held("provider-unknown")]: "0 0 2x8 stale", [held("provider-unknown", "b")]: "_x11 2x20" },
    at: "22m",
    fires: { labels: { reason: "provider-unknown" }, shown: { $value: "2" } },
  },
  {
    alert: "AcesoNodeHeld",
    when: "it is held for a moment only, or by people",
    series: { [held("max-parallel")]: "0x9 1x4 0x40", [held("paused")]: "1x60", [held("dry-run")]: "3x60" },
    at: "30m",
  },
  {
    alert: "AcesoNodeHeldLong",
    when: "a repair ended as held over an hour ago",
    series: { [oldest("held")]: "60x90", [oldest("active")]: "5000x90" },
    at: "70m",
    fires: { shown: { "$value | humanizeDuration": "1h 9m 0s" } },
  },
  {
    alert: "AcesoNodeHeldLong",
    when: "the longest is half an hour old",
    series: { [oldest("held")]: "2400x90" },
    at: "70m",
  },
  {
    alert: "AcesoLadderExhausted",
    when: "a ladder has come to its end",
    series: { [held("ladder-exhausted")]: "0 0 1 1" },
    at: "3m",
    fires: { shown: { $value: "1" } },
  },
  {
    alert: "AcesoLadderExhausted",
    when: "nodes are held for other reasons",
    series: { [held("ladder-exhausted")]: "0x10", [held("ask-operator")]: "1x10" },
    at: "5m",
  },
  {
    alert: "AcesoManyNodesIll",
    when: "the brake for storms holds nodes",
    series: { [held("max-unhealthy")]: "0 7x10" },
    at: "5m",
    fires: { shown: { $value: "7" } },
  },
  { alert: "AcesoManyNodesIll", when: "only other brakes do", series: { [held("max-parallel")]: "7x10" }, at: "5m" },
  {
    alert: "AcesoRepairTooLong",
    when: "a repair is over an hour old",
    series: { [oldest("active")]: "0x90" },
    at: "80m",
    fires: { shown: { "$value | humanizeDuration": "1h 20m 0s" } },
  },
  {
    alert: "AcesoRepairTooLong",
    when: "one repair after the other is under way, and an old one is held",
    series: { [oldest("active")]: "60x30 1800x30 3600x30", [oldest("held")]: "60x90" },
    at: "85m",
  },
  {
    alert: "AcesoReleaseOverdue",
    when: "pods or volumes were not free in time",
    series: { 'aceso_releases_overdue{instance="a"}': "0 1x10" },
    at: "5m",
    fires: { shown: { $value: "1" } },
  },
  {
    alert: "AcesoReleaseOverdue",
    when: "none is late",
    series: { 'aceso_releases_overdue{instance="a"}': "0x10" },
    at: "5m",
  },
  {
    alert: "AcesoUnprovenRelease",
    when: "the first one ever took place",
    series: {
      'aceso_unproven_releases_total{by="configuration",instance="a"}': "0x3 1x10",
      'aceso_unproven_releases_total{by="person",instance="a"}': "0x20",
    },
    at: "6m",
    fires: { labels: { by: "configuration" } },
  },
  {
    alert: "AcesoUnprovenRelease",
    when: "the last one was an hour ago",
    series: { 'aceso_unproven_releases_total{by="person",instance="a"}': "0 1x60" },
    at: "60m",
  },
  {
    alert: "AcesoNoLeader",
    when: "replicas run and none leads",
    series: { 'aceso_leader{instance="a"}': "1x3 0x10", 'aceso_leader{instance="b"}': "0x13" },
    at: "8m",
    fires: {},
  },
  {
    alert: "AcesoNoLeader",
    when: "no replica is left",
    series: { 'aceso_leader{instance="a"}': "1x3 stale" },
    at: "8m",
    fires: {},
  },
  {
    alert: "AcesoNoLeader",
    when: "the lead changes hands within a minute",
    series: { 'aceso_leader{instance="a"}': "1x3 0x20", 'aceso_leader{instance="b"}': "0x4 1x20" },
    at: "6m",
  },
  {
    alert: "AcesoLeaderBlind",
    when: "its last pass was minutes ago",
    series: {
      'aceso_leader{instance="a"}': "1x20",
      'aceso_last_pass_timestamp_seconds{instance="a"}': "0+60x5 300x15",
    },
    at: "12m",
    fires: {},
  },
  {
    alert: "AcesoLeaderBlind",
    when: "it never had all lists",
    series: { 'aceso_leader{instance="a"}': "1x20" },
    at: "5m",
    fires: {},
  },
  {
    alert: "AcesoLeaderBlind",
    when: "passes go on under another leader",
    series: {
      'aceso_leader{instance="a"}': "1x5 0x20",
      'aceso_leader{instance="b"}': "0x5 1x20",
      'aceso_last_pass_timestamp_seconds{instance="a"}': "0+60x5 stale",
      'aceso_last_pass_timestamp_seconds{instance="b"}': "_x6 420+60x20",
    },
    at: "15m",
  },
  {
    alert: "AcesoNoSweep",
    when: "a replica publishes no more",
    series: {
      'aceso_last_sweep_timestamp_seconds{instance="a"}': "0x20",
      'aceso_last_sweep_timestamp_seconds{instance="b"}': "0+60x20",
    },
    at: "10m",
    fires: { labels: { instance: "a" } },
  },
  {
    alert: "AcesoNoSweep",
    when: "every replica publishes once a minute",
    series: { 'aceso_last_sweep_timestamp_seconds{instance="a"}': "0+60x20" },
    at: "15m",
  },
  {
    alert: "AcesoObserversStale",
    when: "a report has been stale for half an hour",
    series: {
      'aceso_observers{state="stale",instance="a"}': "1x40",
      'aceso_observers{state="fresh",instance="a"}': "2x40",
    },
    at: "30m",
    fires: { labels: { state: "stale" }, shown: { $value: "1" } },
  },
  {
    alert: "AcesoObserversStale",
    when: "one was stale while its pod was replaced",
    series: {
      'aceso_observers{state="stale",instance="a"}': "0x5 1x4 0x40",
      'aceso_observers{state="fresh",instance="a"}': "3x50",
    },
    at: "30m",
  },
  {
    alert: "AcesoProviderFails",
    when: "three of four answers are errors",
    series: { [calls("observe", "ok")]: "0+1x60", [calls("observe", "ACESO_PROVIDER/retry")]: "0+3x60" },
    at: "30m",
    fires: { labels: { operation: "observe" }, shown: { "$value | humanizePercentage": "75%" } },
  },
  {
    alert: "AcesoProviderFails",
    when: "some fail, and acts were not to be done after all",
    series: {
      [calls("observe", "ok")]: "0+3x60",
      [calls("observe", "ACESO_PROVIDER/retry")]: "0+1x60",
      [calls("power-off", "ACESO_NOT_NOW/retry")]: "0+1x60",
    },
    at: "30m",
  },
  {
    alert: "AcesoApiErrors",
    when: "a fifth of the requests fails",
    series: { [requests("200")]: "0+8x60", [requests("503")]: "0+1x60", [requests("0")]: "0+1x60" },
    at: "30m",
    fires: { shown: { "$value | humanizePercentage": "20%" } },
  },
  {
    alert: "AcesoApiErrors",
    when: "there are conflicts and objects that are gone",
    series: { [requests("200")]: "0+8x60", [requests("409")]: "0+3x60", [requests("404")]: "0+3x60" },
    at: "30m",
  },
  {
    alert: "AcesoStepsFail",
    when: "steps fail four times a minute",
    series: { 'aceso_reconcile_errors_total{code="ACESO_UNAVAILABLE",instance="a"}': "0+4x60" },
    at: "30m",
    fires: { labels: { code: "ACESO_UNAVAILABLE" } },
  },
  {
    alert: "AcesoStepsFail",
    when: "there is a conflict now and then",
    series: { 'aceso_reconcile_errors_total{code="ACESO_CONFLICT",instance="a"}': "0 1 1 2 2 3x60" },
    at: "15m",
  },
  {
    alert: "AcesoCheckBroken",
    when: "a probe overruns again and again",
    series: { 'aceso_probe_faults_total{check="Command",fault="overrun",instance="a"}': "0+2x60" },
    at: "20m",
    fires: { labels: { check: "Command" } },
  },
  {
    alert: "AcesoCheckBroken",
    when: "it did so an hour ago",
    series: { 'aceso_check_errors_total{check="NodeCondition",instance="a"}': "0 1x80" },
    at: "70m",
  },
  {
    alert: "AcesoNotificationsFail",
    when: "the receiver refuses one",
    series: {
      'aceso_notifications_total{result="refused",instance="a"}': "0x3 1x20",
      'aceso_notifications_total{result="sent",instance="a"}': "0+1x20",
    },
    at: "10m",
    fires: { labels: { result: "refused" } },
  },
  {
    alert: "AcesoNotificationsFail",
    when: "all are sent",
    series: {
      'aceso_notifications_total{result="refused",instance="a"}': "0x40",
      'aceso_notifications_total{result="sent",instance="a"}': "0+1x40",
    },
    at: "30m",
  },
];
