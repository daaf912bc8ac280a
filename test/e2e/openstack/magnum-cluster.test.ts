import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { isReady, shutOut } from "../../support/node-state.ts";
import type { CloudCluster, CloudServer } from "../../support/openstack-cloud.ts";
import { expectLawfulTaints } from "../kubernetes/taint-laws.ts";
import { briskWords, type CloudStage, patience, testMs, useCloudStage } from "./cloud-stage.ts";
import { expectFencedFirst } from "./fence-first.ts";

const stage = useCloudStage({ size: { masters: 3, workers: 3 } });

test(
  "the guide's scenario: a worker's kubelet stops, and the cluster heals itself",
  async () => {
    const it = stage();
    const { cloud, nodes, workers } = it;
    const patient = at(workers, 0);
    const show = () => it.openstack(["server", "show", patient.id, "-f", "value", "-c", "status"]);
    await it.heal({
      checkDelayAfterAdd: "5s",
      unhealthyDuration: "1m",
      endpointParams: `\n        ca-file: ${it.mastersCa}`,
      more: "",
    });
    await eventually("Magnum says HEALTHY", async () => (await now(it)).healthStatus === "HEALTHY", patience);
    expect(await show()).toBe("ACTIVE");
    const since = it.mark();
    // so that there is time to look at it while it is off
    await cloud.setFault(patient.id, "power_on", { kind: "delay", seconds: 3_600 });

    nodes.node(patient.name).machine.stopKubelet();
    await eventually("the openstack command shows SHUTOFF", async () => (await show()) === "SHUTOFF", patience);
    const ill = await eventually(
      "Magnum says UNHEALTHY",
      async () => {
        const cluster = await now(it);
        return cluster.healthStatus === "UNHEALTHY" && cluster;
      },
      patience,
    );
    expect(ill.healthReason).toHaveProperty([`${patient.name}.Ready`]);
    await cloud.setFault(patient.id, "power_on", undefined);
    const status = await it.untilEnd(patient.name, undefined);

    expect(status).toMatchObject({ phase: "Healed", rung: "power-cycle", attempt: 1 });
    expect(await show()).toBe("ACTIVE");
    expect(await cloud.server(patient.id)).toMatchObject({ status: "ACTIVE", powerState: 1, boots: 2 });
    expect(it.accepted(since)).toEqual(["os-stop", "os-start"]);
    await expectFencedFirst(it, patient.name, patient.id, status);
    const node = await it.node(patient.name);
    expect([isReady(node), shutOut(node)]).toEqual([true, { isTainted: false, isCordoned: false }]);
    await eventually("Magnum says HEALTHY again", async () => (await now(it)).healthStatus === "HEALTHY", patience);
  },
  testMs,
);

test(
  "a worker that hangs is rebuilt: the same id, name and address, another boot",
  async () => {
    const it = stage();
    const patient = at(it.workers, 1);
    await it.heal({ more: `${briskWords.more}ladder: {worker: [rebuild]}\n` });
    const since = it.mark();
    it.nodes.node(patient.name).machine.hang();
    const status = await it.untilEnd(patient.name, undefined);

    expect(status).toMatchObject({ phase: "Healed", rung: "rebuild" });
    expect(it.accepted(since)).toEqual(["os-stop", "rebuild", "os-start"]);
    const { id, name, ip } = patient;
    const server = await it.cloud.server(id);
    expect(server).toMatchObject({ id, name, ip, status: "ACTIVE" });
    expect(server?.boots).toBeGreaterThan(1);
    await expectFencedFirst(it, name, id, status);
  },
  testMs,
);

test(
  "a worker is replaced through Magnum while its leader is killed right after the resize: one resize, one new server",
  async () => {
    const it = stage();
    const { cloud, nodes, workers } = it;
    const patient = at(workers, 2);
    const login = await it.restrictedLogin(["member", "heat_stack_owner"]);
    await it.heal({ login, more: `${briskWords.more}ladder: {worker: [replace]}\n` });
    const before = await now(it);
    const since = it.mark();
    // the resize takes place, and whoever asked for it never hears of it
    cloud.loseNextAnswer("magnum", "POST", /\/actions\/resize$/);
    nodes.node(patient.name).machine.hang();
    await eventually("the resize was accepted", () => it.accepted(since).includes("resize"), {
      ...patience,
      everyMs: 5,
    });
    const leader = await it.leader(patience);
    await leader.kill();
    const status = await it.untilEnd(patient.name, undefined);

    expect(status).toMatchObject({ phase: "Healed", rung: "replace", reason: "replaced" });
    expect(status.leader).not.toContain(`${leader.name}_`);
    expect(it.accepted(since)).toEqual(["os-stop", "resize"]);
    const successor = await expectReplaced(it, before, "workers", patient);
    expect(isReady(await it.node(successor.name))).toBe(true);
    expect((await it.api.call("GET", `/api/v1/nodes/${patient.name}`)).status).toBe(404);
    await expectFencedFirst(it, patient.name, patient.id, status);
  },
  testMs,
);

test(
  "a master is replaced through Heat although the answer to the update is lost: one update, the workers stay",
  async () => {
    const it = stage();
    const patient = at(it.masters, 2);
    const login = await it.restrictedLogin(["member"]);
    await it.heal({ login, more: `${briskWords.more}ladder: {master: [replace]}\n` });
    const before = await now(it);
    const since = it.mark();
    it.cloud.loseNextAnswer("heat", "PATCH", /\/stacks\/[^/]+\/[^/]+$/);
    it.nodes.node(patient.name).machine.hang();
    const status = await it.untilEnd(patient.name, undefined);

    expect(status).toMatchObject({ phase: "Healed", rung: "replace", reason: "replaced" });
    expect(it.accepted(since)).toEqual(["os-stop", "mark-unhealthy", "update-stack"]);
    const successor = await expectReplaced(it, before, "masters", patient);
    expect([successor.name, successor.ip]).toEqual([patient.name, patient.ip]);
    const node = await it.node(patient.name);
    expect([isReady(node), node.status.nodeInfo.systemUUID]).toEqual([true, successor.id]);
  },
  testMs,
);

test(
  "the label auto_healing_enabled, switched to false in mid-repair, stops it; true lets it go on",
  async () => {
    const it = stage();
    const patient = at(it.workers, 0);
    const earlier = (await it.repair(patient.name))?.status.id;
    await it.heal({ more: `${briskWords.more}ladder: {worker: [power-cycle]}\nattempts: {power-cycle: 5}\n` });
    const since = it.mark();
    // it goes off only when the label is switched: nobody need be quicker than the repair
    await it.cloud.setFault(patient.id, "power_off", { kind: "delay", seconds: 3_600 });
    it.nodes.node(patient.name).machine.hang();
    await eventually("it is being stopped", () => it.accepted(since).includes("os-stop"), patience);
    await it.cloud.setLabel(it.uuid ?? "", "auto_healing_enabled", "false");
    await it.cloud.setFault(patient.id, "power_off", undefined);
    const isTold = async () =>
      (await it.told(patient.name)).some((text) => /HeldBack: .*label auto_healing_enabled/.test(text));
    await eventually("the hold is told", isTold, patience);
    expect(it.accepted(since)).toEqual(["os-stop"]);
    await it.cloud.setLabel(it.uuid ?? "", "auto_healing_enabled", "true");
    expect(await it.untilEnd(patient.name, earlier)).toMatchObject({ phase: "Healed" });
    expect(it.accepted(since)).toEqual(["os-stop", "os-start"]);
  },
  testMs,
);

test(
  "while somebody else updates the stack no machine is touched",
  async () => {
    const it = stage();
    const patient = at(it.workers, 1);
    const earlier = (await it.repair(patient.name))?.status.id;
    await it.heal({ more: `${briskWords.more}ladder: {worker: [power-cycle]}\nattempts: {power-cycle: 5}\n` });
    const since = it.mark();
    await it.cloud.beginForeignUpdate(it.uuid ?? "");
    // until it has been seen, however long that takes
    await it.cloud.setFault("*", "spawn", { kind: "delay", seconds: 3_600 });
    it.nodes.node(patient.name).machine.hang();
    await eventually(
      "the hold is told",
      async () => (await it.told(patient.name)).some((text) => /interlock: .*UPDATE_IN_PROGRESS/.test(text)),
      patience,
    );
    expect(it.asked(since)).toEqual([]);
    await it.cloud.setFault("*", "spawn", undefined);
    expect(await it.untilEnd(patient.name, earlier)).toMatchObject({ phase: "Healed" });
    expect(it.accepted(since)).toEqual(["os-stop", "os-start"]);
  },
  testMs,
);

test("every taint of this run was lawful", () => {
  expectLawfulTaints(stage(), { silenceMs: 8_000, isProven: true, takenBackWithinMs: 30_000 });
});

function now({ cloud, uuid = "" }: CloudStage): Promise<CloudCluster> {
  return cloud.cluster(uuid);
}

function at(servers: readonly CloudServer[], index: number): CloudServer {
  const found = servers[index];
  if (found === undefined) throw new Error(`no server ${index}`);
  return found;
}

/** One server of the group is another one now, and all the others are the same. @returns the new one */
async function expectReplaced(
  it: CloudStage,
  before: CloudCluster,
  group: "masters" | "workers",
  old: CloudServer,
): Promise<CloudServer> {
  const after = await now(it);
  const ids = (cluster: CloudCluster, which: "masters" | "workers") => cluster[which].map(({ id }) => id);
  const kept = ids(before, group).filter((id) => id !== old.id);
  const made = after[group].filter(({ id }) => !ids(before, group).includes(id));
  expect(made).toHaveLength(1);
  expect(new Set(ids(after, group))).toEqual(new Set([...kept, ...made.map(({ id }) => id)]));
  const other = group === "masters" ? "workers" : "masters";
  expect(ids(after, other)).toEqual(ids(before, other));
  expect(await it.cloud.server(old.id)).toBeUndefined();
  return at(made, 0);
}
