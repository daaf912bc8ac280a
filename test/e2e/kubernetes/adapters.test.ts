import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import { connect } from "../../../src/kube/connect.ts";
import { KubeEventRecorder } from "../../../src/kube/events.ts";
import { KubeJournal } from "../../../src/kube/journal.ts";
import { openAccess } from "../../../src/kube/kube-access.ts";
import { LeaseElector } from "../../../src/kube/lease-elector.ts";
import { KubeNodeControl } from "../../../src/kube/node-control.ts";
import { KubeNodeWatch } from "../../../src/kube/node-watch.ts";
import { DaemonSetPause } from "../../../src/kube/pause-source.ts";
import { KubeReportPublisher, KubeReportWatch } from "../../../src/kube/reports.ts";
import type { KubeRest } from "../../../src/kube/rest.ts";
import { KubeReviews } from "../../../src/kube/reviews.ts";
import { KubeWorkloads } from "../../../src/kube/workloads.ts";
import type { ApiObject } from "../../support/api-client.ts";
import { eventually } from "../../support/eventually.ts";
import { type Installation, installManifest } from "../../support/installed-manifest.ts";
import { recordingLog, recordingMeter } from "../../support/recording-log.ts";
import { grantedRights, refusals, serviceAccount, unusedRights, usedRights } from "../../support/rights.ts";
import { requestToken } from "../../support/service-account.ts";

const node = "worker-1";
const log = recordingLog();
const stop = new AbortController();
const { signal } = stop;
const running: Promise<unknown>[] = [];

let installed: Installation;
let rest: KubeRest;
let watch: KubeNodeWatch;

beforeAll(async () => {
  installed = await installManifest({ scheduler: false, recordsUses: false });
  const { api } = installed.plane;
  await api.must("POST", "/api/v1/nodes", { metadata: { name: node } });
  const lease = { metadata: { name: node }, spec: { holderIdentity: node, leaseDurationSeconds: 40 } };
  await api.must("POST", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", lease);
  rest = connect(openAccess({ kubeconfig: installed.kubeconfig }), systemClock, log, recordingMeter());
  watch = new KubeNodeWatch(rest, log);
  running.push(watch.run(signal));
  await eventually("the watch of nodes is synced", () => watch.isSynced && watch.nodes().has(node));
});

afterAll(async () => {
  stop.abort(new Error("the test is over"));
  await Promise.allSettled(running);
  await rest?.parts.access.close();
  await installed?.stop();
});

test("cordon, taint and back again", async () => {
  const control = new KubeNodeControl(rest, (object) => watch.project(object));
  const none = { repairId: "r-1", bootID: "b-1", marks: {} };
  const cordoned = { ...none, marks: { cordon: { wasUnschedulable: false, atWallMs: 0 } } };
  const tainted = { ...none, marks: { ...cordoned.marks, outOfService: { atWallMs: 0 } } };
  const live = async () => (await watch.readNode(node, signal))!;
  // the node controller writes to a new node, too
  const steps = [
    async () => control.setUnschedulable(await live(), true, cordoned, signal),
    async () => control.addOutOfServiceTaint(await live(), tainted, signal),
    async () => control.removeOutOfServiceTaint(await live(), cordoned, signal),
    async () => control.setUnschedulable(await live(), false, none, signal),
  ];
  for (const [index, step] of steps.entries()) await eventually(`step ${index} without conflict`, step);
  const { metadata, spec } = await installed.plane.api.get(`/api/v1/nodes/${node}`);
  expect([metadata.annotations?.["aceso.dev/marks"], spec.unschedulable]).toEqual([undefined, undefined]);
});

test("the Node of a machine that is gone is deleted while it is tainted, as the version that was read", async () => {
  const { api } = installed.plane;
  await api.must("POST", "/api/v1/nodes", { metadata: { name: "gone" } });
  const control = new KubeNodeControl(rest, (object) => watch.project(object));
  const marks = { repairId: "r-1", bootID: "b-1", marks: { outOfService: { atWallMs: 0 } } };
  const live = async () => (await watch.readNode("gone", signal))!;
  await eventually("the taint", async () => control.addOutOfServiceTaint(await live(), marks, signal));
  const old = { ...(await live()), resourceVersion: "1" };
  await expect(control.deleteNode(old, signal)).rejects.toMatchObject({ remedy: "re-read" });
  await eventually("the deletion", async () => {
    await control.deleteNode(await live(), signal);
    return true;
  });
  expect(await watch.readNode("gone", signal)).toBeUndefined();
  await control.deleteNode(old, signal);
});

test("leases of nodes", async () => {
  expect(await watch.readLease(node, signal)).toBeDefined();
});

test("pods of a dead node are failed and deleted, those of a living one evicted", async () => {
  const workloads = new KubeWorkloads(rest);
  const pod = (name: string) => ({
    metadata: { name },
    spec: { nodeName: node, containers: [{ name: "c", image: "i" }], tolerations: [{ operator: "Exists" }] },
  });
  for (const name of ["dead", "living"])
    await installed.plane.api.must("POST", "/api/v1/namespaces/default/pods", pod(name));
  const pods = await workloads.podsOn(node, signal);
  expect(pods.map(({ name }) => name).sort()).toEqual(["dead", "living"]);
  await workloads.releasePod(pods.find(({ name }) => name === "dead")!, signal);
  const gone = await installed.plane.api.call("GET", "/api/v1/namespaces/default/pods/dead");
  expect(gone.status).toBe(404);
  expect((await workloads.evict(pods.find(({ name }) => name === "living")!, signal)).kind).toBe("accepted");
  expect(await workloads.attachmentsOn(node, signal)).toEqual([]);
  expect(await workloads.volumesPinnedTo((await watch.readNode(node, signal))!, signal)).toEqual([]);
  expect(await workloads.etcdMembers(signal)).toEqual([]);
});

test("the journal", async () => {
  const journal = new KubeJournal(rest, log);
  running.push(journal.run(signal));
  const created = await journal.create(node, signal);
  const written = await journal.write({ ...created, reason: "tried", message: "m" }, signal);
  expect(await journal.read(node, signal)).toEqual({ kind: "record", record: written });
  await eventually("the journal is watched", () => journal.isSynced);
});

test("reports", async () => {
  const publisher = new KubeReportPublisher(rest, "aceso", { name: "aceso-x", uid: "0" });
  const reports = new KubeReportWatch(rest, log, "aceso");
  running.push(reports.run(signal));
  const report = { node, instance: "aceso-x", sweptAtWallMs: 0, intervalMs: 1, targets: 1, failing: [], unknown: [] };
  await publisher.publish({ ...report, suspectsSelf: false }, signal);
  await publisher.publish({ ...report, suspectsSelf: true }, signal);
  const seen = await eventually("the report is seen", () => reports.reports().find((one) => one.suspectsSelf));
  expect(seen.instance).toBe("aceso-x");
});

test("leadership", async () => {
  const limits = { durationMs: 20_000, renewEveryMs: 100 };
  const elector = new LeaseElector(rest, log, { namespace: "aceso", name: "aceso", identity: "aceso-x", ...limits });
  const led = new AbortController();
  const renewals = elector.run(
    async (term) => {
      await systemClock.sleep(500, term.signal);
      led.abort();
    },
    AbortSignal.any([signal, led.signal]),
  );
  await renewals;
  const lease = await installed.plane.api.get("/apis/coordination.k8s.io/v1/namespaces/aceso/leases/aceso");
  expect(lease.spec.leaseTransitions).toBeGreaterThanOrEqual(0);
});

test("the pause of the whole cluster, and events", async () => {
  const pause = new DaemonSetPause(rest, log, "aceso", "aceso");
  running.push(pause.run(signal));
  expect((await pause.read(signal)).kind).toBe("read");
  await eventually("the DaemonSet is watched", () => pause.current().kind === "read");
  // a repetition is written a minute later
  let laterMs = 0;
  const now = () => ({ monoMs: systemClock.now().monoMs + laterMs, wallMs: systemClock.now().wallMs + laterMs });
  const access = openAccess({ kubeconfig: installed.kubeconfig });
  const events = new KubeEventRecorder(connect(access, { ...systemClock, now }, log, recordingMeter()), log, "aceso-x");
  const note = { node, nodeUid: "u", type: "Normal", reason: "RepairHealed", action: "Trying", note: "n" } as const;
  for (laterMs of [0, 61_000]) {
    events.record(note);
    await events.flush(signal);
  }
  await access.close();
  const { items } = await installed.plane.api.get("/apis/events.k8s.io/v1/namespaces/default/events");
  const written = items.filter((event: ApiObject) => event.reason === "RepairHealed");
  expect(written.map((event: ApiObject) => event.series?.count)).toEqual([2]);
});

test("whose a token is, and what he may", async () => {
  const reviews = new KubeReviews(rest);
  const token = await requestToken(installed.plane.api, { namespace: "aceso", name: "aceso" });
  const person = await reviews.whose(token, signal);
  expect(person?.name).toBe(serviceAccount);
  expect(await reviews.whose("of-nobody", signal)).toBeUndefined();
  const onNodes = (verb: string) => ({ kind: "resource", group: "", resource: "nodes", verb }) as const;
  expect([
    await reviews.may(person!, onNodes("patch"), signal),
    await reviews.may(person!, onNodes("create"), signal),
  ]).toEqual([true, false]);
});

test("all that needed every right of the manifest and no other", async () => {
  // a watch that was just begun may not be on record yet
  await eventually("every right was used", async () => {
    const events = await installed.plane.auditLog();
    expect(refusals(events)).toEqual([]);
    const unused = unusedRights(grantedRights(), usedRights(events));
    expect(unused.map(({ verb, resource, namespace }) => `${verb} ${resource} ${namespace}`)).toEqual([]);
    return true;
  });
});
