import type { NodeFacts } from "../../../src/core/model.ts";
import type { Policy } from "../../../src/core/policy.ts";
import type { Diagnosis, Topic } from "../../../src/doctor/diagnosis.ts";
import type { ClusterFacts, DoctorFacts, ReadConfig } from "../../../src/doctor/facts.ts";
import { requiredPolicies, requiredResources } from "../../../src/doctor/required-objects.ts";
import { requiredRights } from "../../../src/doctor/required-rights.ts";
import { type Seen, seen } from "../../../src/doctor/seen.ts";
import { node, now, policy } from "../../support/core-builders.ts";

/** Both clocks are the server's, as in doctor itself. */
export const serverNow = { monoMs: now.wallMs, wallMs: now.wallMs };

export const forbidden: Seen<never> = { kind: "unreadable", problem: "403 Forbidden", isForbidden: true };
export const broken: Seen<never> = { kind: "unreadable", problem: "500 no leader in etcd", isForbidden: false };
export const missing: Seen<never> = { kind: "missing" };

export const masters: readonly NodeFacts[] = ["m1", "m2", "m3"].map((name) => machine(name, { role: "master" }));
const workers: readonly NodeFacts[] = ["w1", "w2"].map((name) => machine(name));

/** A node with identities of its own. */
export function machine(name: string, changes: Partial<NodeFacts> = {}): NodeFacts {
  return node(name, { systemUUID: `uuid-${name}`, providerID: `cloud://${name}`, ...changes });
}

export function beat(name: string, ageMs = 3_000, aheadMs = 0) {
  const writtenAtWallMs = serverNow.wallMs - ageMs;
  return { node: name, renewedAtWallMs: writtenAtWallMs + aheadMs, writtenAtWallMs };
}

export function observer(instance: string, nodeName: string, ageMs = 10_000) {
  return {
    instance,
    node: nodeName,
    changedAtMonoMs: serverNow.monoMs - ageMs,
    intervalMs: 60_000,
    suspectsSelf: false,
    isTruncated: false,
    failing: [],
    unknown: [],
  };
}

/** A cluster in which nothing is wrong. */
export function cluster(changes: Partial<ClusterFacts> = {}): ClusterFacts {
  const nodes = [...masters, ...workers];
  const user = "system:serviceaccount:aceso:aceso";
  return {
    now: serverNow,
    version: seen({ gitVersion: "v1.36.3", outOfService: "built-in", hasAdmissionPolicies: true }),
    customResources: new Map(
      requiredResources.map(({ name, version, specFields }) => [
        name,
        seen({ isEstablished: true, servedVersions: [version], hasStatus: true, specFields: new Set(specFields) }),
      ]),
    ),
    admission: new Map(
      requiredPolicies.flatMap(({ name }) => [
        [`policy/${name}`, seen({ actions: [], conditions: `request.userInfo.username == '${user}'` })] as const,
        [`binding/${name}`, seen({ actions: ["Deny"], conditions: "" })] as const,
      ]),
    ),
    daemonSet: seen({ serviceAccount: "aceso", desired: 3, ready: 3 }),
    rights: { who: user, answers: requiredRights.map((right) => ({ right, isAllowed: seen(true) })) },
    nodes: seen(nodes),
    leases: seen(nodes.map(({ name }) => beat(name))),
    records: seen(new Map()),
    leader: seen({ holder: "aceso-a_1", renewedForMs: 3_000, isAlive: true }),
    observers: seen(masters.map(({ name }) => observer(`aceso-${name}`, name))),
    annotations: { kind: "read", annotations: {} },
    otherHealers: seen([]),
    ...changes,
  };
}

export function config(changes: Partial<ReadConfig> = {}, rules: Partial<Policy> = {}): DoctorFacts["config"] {
  const read: ReadConfig = {
    warnings: [],
    leaderElect: true,
    hasProbes: false,
    provider: "exec",
    policy: policy(rules),
    ...changes,
  };
  return { source: "configmap/aceso in namespace aceso", isFile: false, read: seen(read) };
}

/** Everything in order. */
export function facts(changes: Partial<DoctorFacts> = {}): DoctorFacts {
  const nodes = [...masters, ...workers];
  return {
    namespace: "aceso",
    daemonSetName: "aceso",
    servers: [
      {
        base: "https://10.0.0.1:6443",
        isConfigured: false,
        answer: { kind: "answered", status: 200, tookMs: 12, aheadMs: 200 },
      },
    ],
    config: config(),
    provider: {
      kind: "asked",
      id: "exec",
      notAsked: 0,
      answers: nodes.map(({ name }) => ({
        node: name,
        machine: { kind: "answered", value: `machine of ${name}` },
        power: { kind: "answered", value: { power: "on", text: "running" } },
      })),
    },
    receiver: { origin: "https://receiver.example", problems: [] },
    certificate: undefined,
    cluster: cluster(),
    ...changes,
  };
}

/** `level message → remedy` of those that are not ok, of one topic where one is named. */
export function troubles(diagnoses: readonly Diagnosis[], topic?: Topic): readonly string[] {
  return diagnoses.flatMap((it) =>
    it.level === "ok" || (topic !== undefined && it.topic !== topic)
      ? []
      : [`${it.level} ${it.message} → ${it.remedy}`],
  );
}
