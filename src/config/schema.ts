import type { Rung } from "../core/model.ts";
import type { KeySchema } from "./keys.ts";

/** Keys at the top level of the file. */
export const rootKeys = {
  "dry-run": { doc: "Decide and explain, but change nothing.", format: "flag", default: false },
  "cluster-name": { doc: "UUID or name of the Magnum cluster; needed there only.", format: "string", default: "" },
  "cloud-provider": {
    doc: "Who owns the machines: `none`, or the name of a provider's section, which must then exist. Default: `openstack` where that section exists, else `libvirt`, else the one provider section there is, else `none`.",
    format: "string",
    default: null,
  },
  "monitor-interval": { doc: "Interval of probing checks.", format: "period", default: "60s" },
  "check-delay-after-add": {
    doc: "Age of a Node object before it may be repaired.",
    format: "duration",
    default: "10m",
  },
  "rebuild-delay-after-reboot": {
    doc: "Time that a reboot gets to bring the node back.",
    format: "period",
    default: "5m",
  },
  "leader-elect": {
    doc: "Elect a leader through a Lease; `false` only with a single replica.",
    format: "flag",
    default: true,
  },
  "master-monitor-enabled": { doc: "Look after control-plane nodes.", format: "flag", default: true },
  "worker-monitor-enabled": { doc: "Look after all other nodes.", format: "flag", default: true },
  silence: {
    doc: "A node whose kubelet Lease stood still this long is silent. Kubelets renew every 10 s.",
    format: "period",
    default: "25s",
  },
  "recovery-hold": { doc: "How long a node must be Ready before its cordon goes.", format: "duration", default: "60s" },
  "startup-delay": { doc: "A fresh leader begins no new repair before this.", format: "duration", default: "30s" },
  "max-unhealthy": {
    doc: "No repair begins while more nodes than this are unhealthy: a share of all nodes, rounded down, at least one; or a count.",
    format: "limit",
    default: "40%",
  },
  "max-parallel": {
    doc: "Repairs at work at the same time; those that only wait do not count.",
    format: "count",
    default: 3,
  },
  "max-repairs-per-hour": { doc: "Repairs begun within any hour.", format: "count", default: 10 },
  "storm-cooldown": {
    doc: "Accepted, without effect in this version: repairs begin again as soon as fewer nodes are ill than `max-unhealthy` allows.",
    format: "duration",
    default: "10m",
  },
  "cordoned-hold": {
    doc: "A node cordoned by someone else before it fell silent is left alone this long.",
    format: "duration",
    default: "10m",
  },
  "drain-timeout": { doc: "Time for evictions within disruption budgets.", format: "period", default: "5m" },
  "release-timeout": {
    doc: "After this a release that is not complete raises an alarm.",
    format: "period",
    default: "5m",
  },
  "rung-timeout": {
    doc: "Time of a rung other than the two reboots, from Restoring on.",
    format: "period",
    default: "10m",
  },
  "accept-disk-loss": {
    doc: "Allow `rebuild` and `replace` of a node that a PersistentVolume is pinned to.",
    format: "flag",
    default: false,
  },
  "node-selector": {
    doc: "Labels that a node must carry to be touched; empty: all nodes.",
    format: "labels",
    default: {},
  },
  balancer: {
    doc: "Asklepios' key. Accepted, without effect in this version: no pods are moved after a repair.",
    format: "flag",
    default: false,
  },
} as const satisfies KeySchema;

/** Sections with fixed keys, by their name in the file. */
export const sections = {
  kubernetes: {
    "api-host": {
      doc: "API server, or a list of them; without it the cluster's own or the kubeconfig's.",
      format: "hosts",
      default: "",
    },
    kubeconfig: { doc: "File with credentials; without it those of the pod.", format: "string", default: "" },
  },
  attempts: {
    "soft-reboot": { doc: "Runs of this rung on one node; see `decay`.", format: "count", default: 1 },
    "hard-reboot": { doc: "Runs of this rung on one node; see `decay`.", format: "count", default: 1 },
    "power-cycle": { doc: "Runs of this rung on one node; see `decay`.", format: "count", default: 2 },
    rebuild: { doc: "Runs of this rung on one node; see `decay`.", format: "count", default: 1 },
    replace: { doc: "Runs of this rung on one node; see `decay`.", format: "count", default: 1 },
    decay: {
      doc: "A rung's runs on a node are forgotten when the last one was this long ago.",
      format: "period",
      default: "24h",
    },
  },
  ladder: {
    master: {
      doc: "Rungs for control-plane nodes, in order. Default: the provider's.",
      format: "rungs",
      default: null,
    },
    worker: { doc: "Rungs for all other nodes, in order. Default: the provider's.", format: "rungs", default: null },
  },
  "control-plane": {
    etcd: {
      doc: "Where etcd lives: `stacked` on the control-plane nodes, `external`, or `rejoins` by itself when a node is rebuilt or replaced. Default: `rejoins` where the provider says so (Magnum), else `stacked`.",
      format: ["stacked", "external", "rejoins"],
      default: null,
    },
  },
  fencing: {
    "accept-unproven": {
      doc: "Without a provider: release a node that is silent, not Ready and mute, without proof that it is off.",
      format: "flag",
      default: false,
    },
    "require-reboot": {
      doc: "A tainted node returns to service only with a new boot ID.",
      format: "flag",
      default: true,
    },
    "power-off-timeout": {
      doc: "Time for a machine to read off after it was switched off.",
      format: "period",
      default: "2m",
    },
    "off-read-interval": {
      doc: "How far apart the two reads that prove a machine off must lie; from 2s to less than 10s.",
      format: "period",
      default: "2s",
    },
    "power-on-found-off": { doc: "Switch on machines that were found off.", format: "flag", default: true },
  },
  "leader-election": {
    "lease-duration": {
      doc: "How long a dead leader blocks the next; whole seconds, at least 12s.",
      format: "period",
      default: "20s",
    },
    "renew-deadline": {
      doc: "A leader that could not renew the Lease for this long gives up; 2s before the Lease ends at the latest.",
      format: "period",
      default: "15s",
    },
    "retry-period": { doc: "Time between attempts to take or renew the Lease.", format: "period", default: "5s" },
  },
  http: {
    probes: {
      doc: "Where /livez and /readyz are served, and nothing else.",
      format: "address",
      default: "0.0.0.0:8080",
    },
    pages: {
      doc: "Where the status page, its API and /metrics are served. Over loopback anyone may read; elsewhere readers need a token, see `anyone-may-read`, and TLS is needed for it to be safe, see `certificate-file`.",
      format: "address",
      default: "127.0.0.1:8081",
    },
    "anyone-may-read": {
      doc: "Show the status page, its API and /metrics without a token to anyone who reaches an address other than loopback. Changes need a token all the same.",
      format: "flag",
      default: false,
    },
    "host-names": {
      doc: "Names by which browsers may call the address of `pages`, beside localhost and addresses.",
      format: "strings",
      default: [],
    },
    "certificate-file": {
      doc: "Certificate for `pages` and those that lead from it to its authority, PEM. With it `pages` speaks TLS, 1.2 or newer, unless it is on loopback. Read anew when it changes: mount a Secret. Needs `key-file`.",
      format: "path",
      default: null,
    },
    "key-file": {
      doc: "Private key of the certificate, PEM, without a passphrase. Needs `certificate-file`.",
      format: "path",
      default: null,
    },
  },
  notifications: {
    url: {
      doc: "Where every phase and every new hold is sent as signed JSON. Without it nothing is sent. Needs `secret-file`.",
      format: "url",
      default: null,
    },
    "secret-file": {
      doc: "File with the secret that signs them, read anew each time: mount a Secret.",
      format: "path",
      default: null,
    },
    "ca-file": {
      doc: "Certificates of the authorities that the receiver's is to be signed by, PEM. Default: those that Node brings.",
      format: "path",
      default: null,
    },
    timeout: { doc: "Time for one attempt.", format: "period", default: "10s" },
    "only-warnings": { doc: "Send holds only, not what is progress.", format: "flag", default: false },
    cluster: {
      doc: "Name of this cluster, for those who read of several. Default: `cluster-name`.",
      format: "string",
      default: "",
    },
  },
} as const satisfies Readonly<Record<string, KeySchema>>;

export type SectionName = keyof typeof sections;
export const sectionNames = Object.keys(sections) as SectionName[];

/** In each check's `params`; they belong to the runner, plugins need not declare them. */
export const runnerKeys = {
  "unhealthy-duration": {
    doc: "How long it must fail before the node counts as unhealthy.",
    format: "duration",
    default: "300s",
  },
  interval: { doc: "Time between two probes. Default: `monitor-interval`.", format: "period", default: null },
  timeout: { doc: "Time for one probe to answer.", format: "period", default: "5s" },
} as const satisfies KeySchema;

/** Keys of one entry of `plugins`. */
export const pluginKeys = {
  path: {
    doc: "ES module with a check or provider as its default export.",
    format: "path",
    default: null,
    required: true,
  },
} as const satisfies KeySchema;

/** Top-level keys that are neither scalars nor sections with fixed keys. */
export const listKeys = ["healthcheck", "plugins"] as const;

/** A provider's section must not shadow anything else at the top level. */
export const reservedNames: ReadonlySet<string> = new Set<string>([
  ...Object.keys(rootKeys),
  ...sectionNames,
  ...listKeys,
  "none",
]);

/** What a role is judged by in a file without `healthcheck`. */
export const defaultChecks = [
  { type: "NodeLease", params: { "unhealthy-duration": "55s" } },
  { type: "NodeCondition", params: { "unhealthy-duration": "5m" } },
];

/** Rungs that lose what is on the disk, an etcd member for one. */
export const wipingRungs: readonly Rung[] = ["rebuild", "replace"];
