import type { Rung } from "../core/model.ts";
import { formatDuration } from "../util/duration.ts";
import { isLoopback } from "../util/loopback.ts";
import type { Address } from "./config.ts";
import type { Problem } from "./problem.ts";
import { type SectionName, wipingRungs } from "./schema.ts";
import type { MapNode } from "./yaml-tree.ts";

/** A destructive step needs this much leadership left, and a renewal may be this old before it. */
const leastLeaseMs = 12_000;
/** Two reads of "off" stand at least this far apart, and the last may be at most 10 s old. */
const offReadRangeMs = { from: 2_000, to: 10_000 };
const kubeletRenewMs = 10_000;

export type Values = Readonly<Record<string, unknown>>;
export type Sections = Readonly<Record<SectionName, Values>>;

/** Rules that bind several keys, asked only when each of them is right by itself. */
export function brokenRules(sections: Sections, root: MapNode, file: string): Problem[] {
  const problems: Problem[] = [];
  const problem = (section: SectionName, key: string, message: string) => {
    const entry = root.entries.get(section);
    const inner = entry?.node.kind === "map" ? entry.node.entries.get(key) : undefined;
    problems.push({ at: inner?.keyAt ?? entry?.keyAt, source: file, path: `${section}.${key}`, message });
  };
  leaderElectionRules(sections["leader-election"], problem);
  fencingRules(sections.fencing, problem);
  notificationRules(sections.notifications, problem);
  tlsRules(sections.http, problem);
  const isStacked = sections["control-plane"].etcd === "stacked";
  const loss = losesEtcd((sections.ladder.master ?? []) as readonly Rung[]);
  if (isStacked && loss !== undefined) problem("ladder", "master", loss);
  return problems;
}

/** What is wrong with a ladder of control-plane nodes where etcd is stacked; undefined: nothing. */
export function losesEtcd(ladder: readonly Rung[]): string | undefined {
  const wiping = ladder.filter((rung) => wipingRungs.includes(rung));
  if (wiping.length === 0) return undefined;
  return `${wiping.join(", ")} would lose an etcd member: control-plane.etcd must be external or rejoins`;
}

type Report = (section: SectionName, key: string, message: string) => void;

function leaderElectionRules(values: Values, problem: Report): void {
  const [lease, renew, retry] = ["lease-duration", "renew-deadline", "retry-period"].map(
    (key) => values[key] as number,
  );
  if (lease === undefined || renew === undefined || retry === undefined) return;
  if (lease < leastLeaseMs || lease % 1_000 !== 0) {
    problem(
      "leader-election",
      "lease-duration",
      "expected whole seconds, at least 12s: a destructive step needs 8s of leadership left",
    );
  }
  if (renew >= lease)
    problem("leader-election", "renew-deadline", `expected less than lease-duration (${formatDuration(lease)})`);
  if (retry >= renew)
    problem("leader-election", "retry-period", `expected less than renew-deadline (${formatDuration(renew)})`);
}

function fencingRules(values: Values, problem: Report): void {
  const interval = values["off-read-interval"] as number | undefined;
  if (interval === undefined) return;
  if (interval >= offReadRangeMs.from && interval < offReadRangeMs.to) return;
  problem(
    "fencing",
    "off-read-interval",
    "expected at least 2s and less than 10s: proof of off is two reads, the last at most 10s old",
  );
}

function notificationRules(values: Values, problem: Report): void {
  if (values.url !== undefined && values["secret-file"] === undefined)
    problem("notifications", "url", "needs secret-file: notifications are signed");
}

function tlsRules(values: Values, problem: Report): void {
  const [certificate, key] = [values["certificate-file"], values["key-file"]];
  if (certificate !== undefined && key === undefined)
    problem("http", "certificate-file", "needs key-file: the certificate's private key");
  if (key !== undefined && certificate === undefined)
    problem("http", "key-file", "needs certificate-file: the certificate that the key belongs to");
}

/** What is allowed and still worth a word at start-up. */
export function cautions(root: Values, sections: Sections, hasProvider: boolean): string[] {
  const found: string[] = [];
  if ((root.silence as number) < 2 * kubeletRenewMs) {
    found.push(
      `silence: shorter than two renewals of a kubelet's Lease (${formatDuration(2 * kubeletRenewMs)}): one lost request makes a node silent`,
    );
  }
  if (!hasProvider && sections.fencing["accept-unproven"] !== true) {
    found.push(
      "cloud-provider: none, and fencing.accept-unproven is false: nothing can be fenced, so nothing will be repaired",
    );
  }
  if (hasProvider && sections.fencing["accept-unproven"] === true) {
    found.push("fencing.accept-unproven: has no effect while a provider is configured, whose word is never overruled");
  }
  if (!hasProvider && (sections.ladder.master ?? sections.ladder.worker) !== undefined) {
    found.push("ladder: has no effect without a provider");
  }
  if (sendsOpenly(sections.notifications.url as string | undefined)) {
    found.push("notifications.url: http, so anybody on the way can read what is sent (it is signed, not encrypted)");
  }
  return [...found, ...pageCautions(sections.http)];
}

function pageCautions({ pages, "certificate-file": certificate }: Values): string[] {
  const isBeyond = pages !== undefined && pages !== "off" && !isLoopback((pages as Address).host);
  if (isBeyond && certificate === undefined) {
    return [
      "http.pages: beyond loopback and without http.certificate-file, so the tokens of those who read or change something travel in clear text",
    ];
  }
  if (!isBeyond && certificate !== undefined) {
    return ["http.certificate-file: has no effect while http.pages is on loopback, where it is plain HTTP, or off"];
  }
  return [];
}

function sendsOpenly(url: string | undefined): boolean {
  if (url === undefined) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && !isLoopback(hostname);
}
