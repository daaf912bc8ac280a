import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import type { RepairRecord } from "../../../src/core/record.ts";
import { connect } from "../../../src/kube/connect.ts";
import { KubeEventRecorder } from "../../../src/kube/events.ts";
import { KubeJournal } from "../../../src/kube/journal.ts";
import { openAccess } from "../../../src/kube/kube-access.ts";
import { LeaseElector } from "../../../src/kube/lease-elector.ts";
import { KubeNodeControl } from "../../../src/kube/node-control.ts";
import { KubeNodeWatch } from "../../../src/kube/node-watch.ts";
import { KubeReportPublisher, KubeReportWatch } from "../../../src/kube/reports.ts";
import type { KubeRest } from "../../../src/kube/rest.ts";
import { readServerVersion } from "../../../src/kube/server-version.ts";
import { ConflictError, GoneError, RejectedError } from "../../../src/kube/status-error.ts";
import { KubeWorkloads } from "../../../src/kube/workloads.ts";
import type { Term } from "../../../src/ports/leadership.ts";
import { type ControlPlane, startControlPlane } from "../../support/control-plane/start.ts";
import { record } from "../../support/core-builders.ts";
import { eventually } from "../../support/eventually.ts";
import { type Followed, follow } from "../../support/follow.ts";
import { writeKubeconfig } from "../../support/kubeconfig.ts";
import { recordingLog, recordingMeter } from "../../support/recording-log.ts";

const stop = new AbortController();
const { signal } = stop;
const running: Promise<void>[] = [];
const log = recordingLog();
let plane: ControlPlane;
let rest: KubeRest;
let watch: KubeNodeWatch;

beforeAll(async () => {
  plane = await startControlPlane({ scheduler: false });
  const kubeconfig = await writeKubeconfig(join(plane.dir, "adapters.kubeconfig"), plane.access, "admin");
  rest = connect(openAccess({ kubeconfig }), systemClock, log, recordingMeter());
  watch = new KubeNodeWatch(rest, log);
  running.push(watch.run(signal));
  await call("POST", "/api/v1/namespaces", { metadata: { name: "aceso" } });
});

afterAll(async () => {
  stop.abort(new Error("the tests are over"));
  await Promise.all(running);
  await rest?.parts.access.close();
  await plane?.stop();
});

const call = (method: "GET" | "POST" | "DELETE", path: string, body?: unknown) =>
  rest.call({ method, path, resource: "test", ...(body === undefined ? {} : { body }), signal });

async function makeNode(name: string) {
  const taint = { key: "team", value: "x", effect: "NoSchedule", timeAdded: "2026-01-01T00:00:00Z" };
  await call("POST", "/api/v1/nodes", { metadata: { name }, spec: { taints: [taint] } });
  const node = await watch.readNode(name, signal);
  if (node === undefined) throw new Error("no node");
  return node;
}

test("the version is understood", async () => {
  expect(await readServerVersion(rest, signal)).toMatchObject({ outOfService: "built-in", hasAdmissionPolicies: true });
});

describe("node control", () => {
  const control = () => new KubeNodeControl(rest, (object) => watch.project(object));
  const marks = { repairId: "r1", bootID: "b1", marks: { cordon: { wasUnschedulable: false, atWallMs: 5 } } };
  const none = { ...marks, marks: {} };

  test("cordons, taints and takes both back, beside a node controller that writes taints too", async () => {
    let node = await makeNode("n1");
    const again = async (act: (fresh: typeof node) => Promise<typeof node>) => {
      node = await eventually("the write", async () => {
        const fresh = await watch.readNode("n1", signal);
        return fresh && (await act(fresh));
      });
    };
    await again((fresh) => control().setUnschedulable(fresh, true, marks, signal));
    await again((fresh) => control().addOutOfServiceTaint(fresh, marks, signal));
    expect(node.isUnschedulable).toBe(true);
    expect(node.taints.map(({ key }) => key)).toEqual(
      expect.arrayContaining(["team", "node.kubernetes.io/out-of-service"]),
    );
    await again((fresh) => control().removeOutOfServiceTaint(fresh, marks, signal));
    await again((fresh) => control().setUnschedulable(fresh, false, none, signal));
    const raw = await call("GET", "/api/v1/nodes/n1");
    const spec = raw.spec as { unschedulable?: boolean; taints: { key: string; timeAdded?: string }[] };
    expect(spec.unschedulable).toBe(undefined);
    expect(spec.taints.map(({ key }) => key)).not.toContain("node.kubernetes.io/out-of-service");
    expect(spec.taints.find(({ key }) => key === "team")?.timeAdded).toBe("2026-01-01T00:00:00Z");
    expect(raw.metadata?.annotations?.["aceso.dev/marks"]).toBe(undefined);
  });

  test("refuses another version and another uid with a conflict", async () => {
    await makeNode("n2");
    const stale = { ...(await watch.readNode("n2", signal))!, resourceVersion: "1" };
    await expect(control().setUnschedulable(stale, true, marks, signal)).rejects.toBeInstanceOf(ConflictError);
    const replaced = async () => {
      const fresh = await watch.readNode("n2", signal);
      return control().setUnschedulable(
        { ...fresh!, uid: "00000000-0000-0000-0000-000000000000" },
        true,
        marks,
        signal,
      );
    };
    await expect(replaced()).rejects.toBeInstanceOf(ConflictError);
  });

  test("is followed by the watch", async () => {
    await eventually("both nodes in the watch", () => watch.isSynced && watch.nodes().size >= 2);
  });
});

test("a journal record is stored as it was written, over an earlier one and over nonsense", async () => {
  const journal = new KubeJournal(rest, log);
  const empty = await eventually("the CRD", () => journal.create("n1", signal));
  const busy: RepairRecord = {
    ...empty,
    id: "r1",
    phase: "Fencing",
    plan: {
      mode: "silent",
      ladder: ["power-cycle"],
      foundOff: false,
      isRequested: false,
      drainTimeoutMs: 1,
      powerOffTimeoutMs: 2,
      releaseTimeoutMs: 3,
      rungTimeoutMs: 4,
      rebootTimeoutMs: 5,
      recoveryHoldMs: 6,
      requireReboot: true,
    },
    identity: { nodeUid: "u1", providerID: "", systemUUID: "s1", machine: "m1", bootID: "b1" },
    startedAtWallMs: 1_767_225_600_123,
    phaseStartedAtWallMs: 1_767_225_600_123,
    intent: { effect: "power-off", id: "i1", startedAtWallMs: 1_767_225_600_123, deadlineMs: 60_000 },
    evidence: [{ source: "x", machine: "m1", value: "off", text: "t", readAtWallMs: 1_767_225_600_123 }],
    marks: {
      cordon: { wasUnschedulable: false, atWallMs: 1_767_225_600_123 },
      outOfService: { atWallMs: 1_767_225_600_123 },
    },
  };
  const first = await journal.write(busy, signal);
  expect(first).toEqual({ ...busy, resourceVersion: first.resourceVersion });
  const { intent: _, ...rest2 } = first;
  const second = await journal.write({ ...rest2, marks: {}, phase: "Healed", outcome: "Healed" }, signal);
  expect([second.intent, second.marks]).toEqual([undefined, {}]);
  await expect(journal.write(busy, signal)).rejects.toBeInstanceOf(ConflictError);
  const nonsense = { status: { phase: "Levitating", intent: { junk: true }, history: [{}] } };
  const path = "/apis/aceso.dev/v1alpha1/noderepairs/n1/status";
  await rest.call({ method: "PATCH", path, resource: "test", body: nonsense, signal });
  const read = await journal.read("n1", signal);
  if (read?.kind !== "unreadable") throw new Error("nonsense was read as a record");
  const { resourceVersion } = read.unreadable;
  const held = await journal.write({ ...empty, resourceVersion, id: "r2", phase: "Held", outcome: "Held" }, signal);
  expect([held.phase, held.intent, held.history]).toEqual(["Held", undefined, []]);
});

test("a Lease is taken, renewed and given away", async () => {
  // so long that nobody takes it who waits for its end
  const options = { namespace: "aceso", name: "aceso", durationMs: 60_000, renewEveryMs: 500 };
  const shown = followLease("aceso");
  const term = new AbortController();
  const led: string[] = [];
  const elector = (identity: string) => new LeaseElector(rest, log, { ...options, identity });
  const lead = (identity: string) => async (one: Term) => {
    led.push(`${identity} ${one.transitions} ${one.wasHandedOver}`);
    await new Promise<void>((resolve) => one.signal.addEventListener("abort", () => resolve(), { once: true }));
  };
  const ended = elector("a").run(lead("a"), term.signal);
  await eventually("a leader", () => led.length === 1);
  const next = elector("b");
  running.push(next.run(lead("b"), signal));
  await eventually("the other one sees who leads", () => next.holder === "a");
  await eventually("a renewal", () => new Set(shown.map(({ renewTime }) => renewTime)).size > 1);
  term.abort(new Error("stopped"));
  await ended;
  await eventually("the next leader", () => led.length === 2, { everyMs: 20 });
  expect(led).toEqual(["a 0 false", "b 1 true"]);
  const taken = await eventually("its Lease", () => shown.find(({ holder }) => holder === "b"));
  const given = shown.find(({ holder }) => holder === "");
  expect(taken.atMonoMs - (given?.atMonoMs ?? 0), "how long nobody led").toBeLessThan(1_000);
});

/** What a watch shows of a Lease, version by version. */
function followLease(name: string) {
  const shown: { readonly holder: string; readonly renewTime: string; readonly atMonoMs: number }[] = [];
  const onEvent = ({ object: { metadata, spec } }: Followed) => {
    if (metadata.name !== name) return;
    shown.push({ holder: spec.holderIdentity, renewTime: spec.renewTime, atMonoMs: systemClock.now().monoMs });
  };
  running.push(follow(plane.api, `/apis/coordination.k8s.io/v1/namespaces/${name}/leases`, onEvent, { signal }));
  return shown;
}

test("reports and events are accepted", async () => {
  const report = {
    node: "n1",
    instance: "aceso-1",
    sweptAtWallMs: systemClock.now().wallMs,
    intervalMs: 10_000,
    targets: 2,
    unknown: [],
    suspectsSelf: false,
  };
  const failing = [
    { node: "n2", nodeUid: "u2", check: "Endpoint", sinceWallMs: systemClock.now().wallMs, message: "m" },
  ];
  const publisher = new KubeReportPublisher(rest, "aceso");
  await publisher.publish({ ...report, failing: [] }, signal);
  await publisher.publish({ ...report, failing }, signal);
  const reports = new KubeReportWatch(rest, log, "aceso");
  running.push(reports.run(signal));
  await eventually("the report", () => reports.reports()[0]?.failing.length === 1);
  const recorder = new KubeEventRecorder(rest, log, "aceso-1");
  const about = { node: "n1", nodeUid: "u1", record: { ...record(), objectUid: "u2" } };
  recorder.record({ ...about, type: "Normal", reason: "RepairHealed", action: "Testing", note: "n" });
  await recorder.flush(signal);
  const events = await call(
    "GET",
    "/apis/events.k8s.io/v1/namespaces/default/events?fieldSelector=reason=RepairHealed",
  );
  const kinds = (events.items as { regarding: { kind: string } }[]).map(({ regarding }) => regarding.kind);
  expect(kinds.sort()).toEqual(["Node", "NodeRepair"]);
  const name = (events.items as { metadata: { name: string } }[])[0]!.metadata.name;
  await rest.call({
    method: "PATCH",
    path: `/apis/events.k8s.io/v1/namespaces/default/events/${name}`,
    resource: "events",
    body: { series: { count: 2, lastObservedTime: "2026-01-01T00:00:00.000000Z" } },
    signal,
  });
});

test("a pod is evicted and released as the pod collector would", async () => {
  const workloads = new KubeWorkloads(rest);
  const make = (name: string) =>
    call("POST", "/api/v1/namespaces/default/pods", {
      metadata: { name, finalizers: ["test/hold"] },
      spec: { nodeName: "n2", containers: [{ name: "c", image: "x" }], tolerations: [{ operator: "Exists" }] },
    });
  await make("p1");
  const [pod] = await workloads.podsOn("n2", signal);
  expect(pod).toMatchObject({ name: "p1", toleratesOutOfService: true, isFinished: false });
  await workloads.releasePod(pod!, signal);
  const left = await call("GET", "/api/v1/namespaces/default/pods/p1");
  expect(left.status).toMatchObject({
    phase: "Failed",
    conditions: expect.arrayContaining([expect.objectContaining({ type: "DisruptionTarget" })]),
  });
  expect(left.metadata?.deletionTimestamp).toBeDefined();
  await workloads.releasePod({ ...pod!, uid: "00000000-0000-0000-0000-000000000000", isFinished: false }, signal);
  expect(await workloads.evict(pod!, signal)).toMatchObject({ kind: "accepted" });
  expect(await workloads.attachmentsOn("n2", signal)).toEqual([]);
  expect(await workloads.etcdMembers(signal)).toEqual([]);
});

test("nonsense is rejected, not tried again", async () => {
  await expect(call("POST", "/api/v1/nodes", { metadata: { name: "UPPER" } })).rejects.toBeInstanceOf(RejectedError);
  await expect(
    call("GET", "/api/v1/nodes?resourceVersion=2&resourceVersionMatch=Exact&limit=1&continue=x"),
  ).rejects.not.toBeInstanceOf(GoneError);
});
