import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import type { RepairRecord } from "../../../src/core/record.ts";
import { fromNodeRepair } from "../../../src/kube/record-codec.ts";
import { toStatusPatch } from "../../../src/kube/record-status.ts";
import { microTime } from "../../sim/kube/object.ts";
import { record } from "../../support/core-builders.ts";
import { type CliRig, cliRig, runMain } from "./cli-rig.ts";

test("pause and resume write and remove the three annotations of a node, and leave its others alone", async () => {
  await using rig = await cliRig();
  const paused = await rig.aceso("pause", "n1", "--for", "2h", "--reason", "disk swap");
  expect(paused).toMatchObject({ exitCode: 0, err: "" });
  const annotations = rig.kube.store.get("nodes", "n1")?.metadata.annotations ?? {};
  expect(annotations).toMatchObject({
    "aceso.dev/paused": "disk swap",
    "aceso.dev/paused-until": expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    "aceso.dev/paused-by": "simulated",
    "volumes.kubernetes.io/controller-managed-attach-detach": "true",
  });
  const status = await rig.aceso("status");
  expect(status.out).toMatch(/^Paused: +node n1: disk swap, by simulated, until /m);
  expect((await rig.aceso("resume", "n1")).exitCode).toBe(0);
  expect(Object.keys(rig.kube.store.get("nodes", "n1")?.metadata.annotations ?? {})).toEqual([
    "volumes.kubernetes.io/controller-managed-attach-detach",
  ]);
});

test("a pause of some nodes goes on after one that does not exist and exits with 3", async () => {
  await using rig = await cliRig();
  const paused = await rig.aceso("pause", "nobody", "n2");
  expect(paused).toMatchObject({ exitCode: 3, err: 'error: node "nobody" not found; kubectl get nodes lists them\n' });
  expect(rig.kube.store.get("nodes", "n2")?.metadata.annotations?.["aceso.dev/paused"]).toBe("true");
});

test("a pause without nodes stands on the DaemonSet and holds every node", async () => {
  await using rig = await cliRig("check-delay-after-add: 0s\nfencing: {accept-unproven: true}\n");
  expect((await rig.aceso("pause", "--reason", "upgrade")).exitCode).toBe(0);
  const annotations = rig.kube.store.get("daemonsets", "aceso/aceso")?.metadata.annotations;
  expect(annotations).toMatchObject({ "aceso.dev/paused": "upgrade" });
  const said = JSON.parse((await rig.aceso("explain", "n1", "-o", "json")).out);
  expect(said).toMatchObject({ state: "Held", reason: "paused", leader: "aceso-a_1" });
  expect(said.sentence).toContain("upgrade");
  expect((await rig.aceso("resume")).exitCode).toBe(0);
});

test("what only the leader can know, that the provider does not answer, is told from its Events", async () => {
  await using rig = await cliRig(`check-delay-after-add: 0s
cloud-provider: exec
exec: {protocol: json, command: [/bin/false]}
healthcheck: {worker: [{type: NodeLease, params: {unhealthy-duration: 30s}}]}
`);
  const event = (name: string, node: string, action: string, agoMs: number) => ({
    metadata: { name, namespace: "default" },
    reason: "RepairHeldBack",
    regarding: { kind: "Node", name: node },
    action,
    note: `${action.replace("Deciding-", "")}: ${name}`,
    eventTime: microTime(systemClock.now().wallMs - agoMs),
  });
  const said = async () => (await rig.aceso("explain", "n1")).out.split("\n").slice(0, 2);
  expect(await said()).toEqual([expect.stringMatching(/^n1 is to be repaired now/), ""]);
  // of an earlier illness, of another node, and what can be seen from here and is over
  rig.kube.store.put("events", event("old", "n1", "Deciding-machine-unknown", 300_000));
  rig.kube.store.put("events", event("other", "n2", "Deciding-machine-unknown", 1_000));
  rig.kube.store.put("events", event("delay", "n1", "Deciding-startup-delay", 20_000));
  expect(await said()).toEqual([expect.any(String), ""]);
  rig.kube.store.put("events", event("BMC on fire", "n1", "Deciding-machine-unknown", 10_000));
  const word = /^But n1 is held by the leader, which said at 20\S+Z: machine-unknown: BMC on fire$/;
  expect(await said()).toEqual([expect.any(String), expect.stringMatching(word)]);
  expect((await rig.aceso("status")).out).toMatch(/^Note: +n1 is held by the leader, .*BMC on fire$/m);
  const { notes } = JSON.parse((await rig.aceso("explain", "n1", "-o", "json")).out);
  expect(notes).toContainEqual(expect.stringMatching(/^n1 is held by the leader/));
});

test("a DaemonSet of another name is asked for, with exit code 3", async () => {
  await using rig = await cliRig();
  const { exitCode, err } = await rig.aceso("pause", "--daemonset", "healer");
  expect([exitCode, err]).toEqual([3, expect.stringContaining('daemonset "healer" not found in namespace "aceso"')]);
});

test("repair creates the NodeRepair, and a second request replaces the first whole", async () => {
  await using rig = await cliRig();
  expect((await rig.aceso("repair", "n2", "--reason", "noisy fan")).exitCode).toBe(0);
  const first = rig.kube.store.get("noderepairs", "n2")?.spec;
  expect(first).toEqual({
    request: { id: expect.stringMatching(/^[0-9a-f-]{36}$/), kind: "repair", askedAt: expect.any(String) },
    reason: "noisy fan",
    requestedBy: "simulated",
  });
  const old = { id: "old", kind: "confirm-off", repairId: "r0", bootId: "b0" };
  rig.kube.store.patch("noderepairs", "n2", { spec: { request: old } });
  expect((await rig.aceso("repair", "n2")).exitCode).toBe(0);
  const second = rig.kube.store.get("noderepairs", "n2")?.spec;
  expect(second).toEqual({
    request: { id: expect.not.stringMatching("old"), kind: "repair", askedAt: expect.any(String) },
    requestedBy: "simulated",
  });
});

test("confirm-off of a silent node without a repair names the boot, and the engine's codec reads it", async () => {
  await using rig = await cliRig();
  const bootId = rig.kube.store.get("nodes", "n1")?.status?.nodeInfo.bootID;
  const { exitCode, out } = await rig.aceso("confirm-off", "n1", "--yes", "--reason", "seen");
  expect([exitCode, out]).toEqual([0, expect.stringContaining(bootId)]);
  const stored = fromNodeRepair(rig.kube.store.get("noderepairs", "n1") ?? {});
  // the server's clock, in whole seconds
  const askedAtWallMs = expect.closeTo(systemClock.now().wallMs, -5);
  expect(stored).toMatchObject({
    kind: "record",
    record: { wishes: { request: { kind: "confirm-off", repairId: "none", bootId, askedAtWallMs }, reason: "seen" } },
  });
  const living = await rig.aceso("confirm-off", "n2", "--yes");
  expect([living.exitCode, living.err]).toEqual([1, expect.stringContaining("is not off")]);
});

test("a held repair is explained, listed, and released by request", async () => {
  await using rig = await cliRig();
  const held = record({
    phase: "Held",
    outcome: "Held",
    reason: "ladder-exhausted",
    message: "Every rung has used up its attempts.",
  });
  putRepair(rig, held);
  const explained = await rig.aceso("explain", "n1");
  expect(explained.out).toContain("n1 is held (ladder-exhausted): Every rung has used up its attempts.");
  expect(explained.out).toContain("aceso repair n1 --release-hold");
  expect((await rig.aceso("status", "-o", "wide")).out).toMatch(
    /^n1 +worker +Held +ladder-exhausted +power-cycle \(1\) /m,
  );
  expect(await rig.aceso("repair", "n1", "--release-hold")).toMatchObject({ exitCode: 0, err: "" });
  expect(rig.kube.store.get("noderepairs", "n1")?.spec.request).toMatchObject({ kind: "release-hold", repairId: "r1" });
});

test("history prints the repairs of a node, and says when there are none", async () => {
  await using rig = await cliRig();
  const ended = Date.parse("2026-01-02T03:10:05Z");
  const past = {
    startedAtWallMs: ended - 330_000,
    endedAtWallMs: ended,
    outcome: "Healed",
    rung: "power-cycle",
    reason: "healed",
  } as const;
  const { phase: _phase, ...idle } = record({ history: [past] });
  putRepair(rig, { ...idle, node: "n2" });
  expect((await rig.aceso("history", "n2")).out).toMatch(/ago +5m30s +Healed +power-cycle +healed$/m);
  expect(JSON.parse((await rig.aceso("history", "n2", "-o", "json")).out)).toEqual({
    node: "n2",
    items: [
      {
        startedAt: "2026-01-02T03:04:35Z",
        endedAt: "2026-01-02T03:10:05Z",
        outcome: "Healed",
        rung: "power-cycle",
        reason: "healed",
      },
    ],
  });
  const none = await rig.aceso("history", "n3");
  expect(none).toEqual({ exitCode: 0, out: "", err: "No repairs found of node n3.\n" });
});

test("explain heeds the configuration of the cluster, then the DaemonSet's own overrides, then a file", async () => {
  await using rig = await cliRig("check-delay-after-add: 0s\nfencing: {accept-unproven: true}\n");
  const reason = async (...more: string[]) =>
    JSON.parse((await rig.aceso("explain", "n1", "-o", "json", ...more)).out).reason;
  expect(await reason()).toBe("still-ready");
  const containers = [{ name: "aceso", args: ["run", "--set", "fencing.accept-unproven=false"] }];
  rig.kube.store.patch("daemonsets", "aceso/aceso", { spec: { template: { spec: { containers } } } });
  expect(await reason()).toBe("unproven-not-accepted");
  const file = join(rig.folder, "other.yaml");
  await writeFile(file, "check-delay-after-add: 0s\nnode-selector: {pool: a}\n");
  expect(await reason("--config", file)).toBe("not-selected");
});

test("a configuration that cannot be used here is said, and the defaults are assumed", async () => {
  await using rig = await cliRig("no-such-key: 1\n");
  const { exitCode, out } = await rig.aceso("status");
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^Note: +configmap\/aceso in namespace aceso cannot be used here.*no-such-key/m);
});

test("what the user may not do exits with 4 and what cannot be reached with 5, without a stack", async () => {
  await using rig = await cliRig();
  rig.kube.faults.add({ match: { plural: "nodes", method: "PATCH" }, fault: { kind: "answer", code: 403 } });
  const denied = await rig.aceso("pause", "n1");
  expect([denied.exitCode, denied.err]).toEqual([4, expect.stringContaining("ACESO_KUBE_FORBIDDEN")]);
  await rig.kube.stop();
  const away = await rig.aceso("status");
  expect([away.exitCode, away.err]).toEqual([5, expect.stringContaining("ACESO_KUBE_UNAVAILABLE")]);
  expect(`${denied.err}${away.err}`).not.toMatch(/^\s+at /m);
});

test("version starts without a cluster and prints JSON on demand", async () => {
  const { exitCode, out } = await runMain(["version", "-o", "json"]);
  expect([exitCode, JSON.parse(out)]).toEqual([
    0,
    { version: expect.stringMatching(/^\d+\.\d+\.\d+$/), node: process.version },
  ]);
});

test("check-config reads standard input: 0 and the effective configuration, or 2 and every problem with its place", async () => {
  const good = await runMain(["check-config", "-", "-o", "json"], "max-parallel: 2\n");
  expect([good.exitCode, JSON.parse(good.out)["max-parallel"]]).toEqual([0, 2]);
  const bad = await runMain(["check-config", "-"], "max-paralel: 2\nsilence: soon\n");
  expect([bad.exitCode, bad.out]).toEqual([2, ""]);
  expect(bad.err).toMatch(/:1:1 max-paralel: .*max-parallel/);
  expect(bad.err).toMatch(/:2:\d+ silence: /);
});

test("secrets do not leave check-config", async () => {
  const config =
    "openstack: {auth-url: 'https://127.0.0.1:5000/v3', username: u, password: hunter2, project-id: p, user-domain-name: d}\n";
  const { out, err } = await runMain(["check-config", "-"], config);
  expect(out + err).not.toContain("hunter2");
});

test("run refuses a provider that it lacks, an unknown --set key, and a missing file with 2", async () => {
  await using rig = await cliRig();
  const file = join(rig.folder, "config.yaml");
  await writeFile(file, "cloud-provider: none\n");
  const unknown = join(rig.folder, "unknown.yaml");
  await writeFile(unknown, "cloud-provider: proxmox\n");
  const run = (...more: string[]) => runMain(["run", "--kubeconfig", rig.kubeconfig, ...more]);
  const provider = await run("--config", unknown);
  expect([provider.exitCode, provider.err]).toEqual([2, expect.stringContaining("cloud-provider")]);
  const key = await run("--config", file, "--set", "max-paralel=1");
  expect([key.exitCode, key.err]).toEqual([2, expect.stringContaining("did you mean max-parallel")]);
  expect((await run("--config", join(rig.folder, "none.yaml"))).exitCode).toBe(2);
});

test("a command in a process of its own answers like one in this process, and its exit code is the process's", async () => {
  await using rig = await cliRig();
  const status = await runMain(["status", "-o", "json", "--kubeconfig", rig.kubeconfig]);
  expect([status.exitCode, status.err, JSON.parse(status.out).nodes]).toEqual([0, "", { total: 3, notWell: 1 }]);
  const nobody = await runMain(["explain", "nobody", "--kubeconfig", rig.kubeconfig]);
  expect(nobody).toEqual({
    exitCode: 3,
    out: "",
    err: 'error: node "nobody" not found; kubectl get nodes lists them\n',
  });
});

test("without any kubeconfig it exits with 2 and says where it looked", async () => {
  const { exitCode, err } = await runMain(["status"]);
  expect([exitCode, err]).toEqual([2, expect.stringContaining("--kubeconfig")]);
});

/** A NodeRepair as the engine writes it. */
function putRepair({ kube }: CliRig, of: RepairRecord): void {
  kube.store.put("noderepairs", { metadata: { name: of.node }, spec: {} });
  kube.store.patch("noderepairs", of.node, { status: toStatusPatch(of) });
}
