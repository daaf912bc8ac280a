import { expect, test } from "vitest";
import type { CloudHealing } from "../../support/cloud-healing.ts";
import type { CloudServer } from "../../support/openstack-cloud.ts";
import { begin, last } from "./begin.ts";

/** Something that stands in the way of healing a worker. */
interface Obstacle {
  readonly name: string;
  readonly strike: (it: CloudHealing, patient: CloudServer) => Promise<void>;
  /** What the node's events say while it lasts. */
  readonly says: RegExp;
  /** Acts that were accepted by then; none where nothing is said. */
  readonly accepted?: readonly string[];
  /** Ends it; then the node is healed. */
  readonly heal?: (it: CloudHealing, patient: CloudServer) => Promise<void>;
}

const minuteMs = 60_000;
const powerCycle = ["os-stop", "os-start"];
const label = "auto_healing_enabled";

const obstacles: readonly Obstacle[] = [
  {
    name: "Nova answers 503",
    strike: (it) => it.cloud.setServiceFault("nova", "answers-503"),
    says: /HeldBack: machine-unknown: .*503/,
    heal: (it) => it.cloud.setServiceFault("nova", undefined),
  },
  {
    name: "Nova takes calls and never answers",
    strike: (it) => it.cloud.setServiceFault("nova", "silent"),
    says: /HeldBack: machine-unknown: .*no answer/,
    heal: (it) => it.cloud.setServiceFault("nova", undefined),
  },
  {
    name: "somebody's proxy answers in Nova's place",
    strike: (it) => it.cloud.setServiceFault("nova", "talks-nonsense"),
    says: /HeldBack: machine-unknown: /,
    heal: (it) => it.cloud.setServiceFault("nova", undefined),
  },
  {
    name: "Magnum cannot be reached",
    strike: (it) => it.cloud.setServiceFault("magnum", "refuses"),
    says: /HeldBack: (interlock|machine-unknown): .*ECONNREFUSED/,
    heal: (it) => it.cloud.setServiceFault("magnum", undefined),
  },
  {
    name: "Keystone is away and no token is good any more",
    strike: async (it) => {
      await it.cloud.setServiceFault("keystone", "refuses");
      await it.cloud.revokeTokens();
    },
    says: /HeldBack: machine-unknown: .*ECONNREFUSED/,
    heal: (it) => it.cloud.setServiceFault("keystone", undefined),
  },
  {
    name: "the label auto_healing_enabled is not true",
    strike: async (it) => it.cloud.setLabel((await it.cluster()).uuid, label, "false"),
    says: /HeldBack: interlock: .*label auto_healing_enabled of cluster k8s is "false"/,
    heal: async (it) => it.cloud.setLabel((await it.cluster()).uuid, label, "true"),
  },
  {
    name: "somebody locked the server",
    strike: (it, { id }) => it.cloud.act(id, { lock: null }),
    says: /RepairHeld: .*it is locked; unlock it: openstack server unlock/,
    heal: async (it, { id, name }) => {
      await it.cloud.act(id, { unlock: null });
      releaseHold(it, name);
    },
  },
  {
    name: "somebody paused the server",
    strike: (it, { id }) => it.cloud.act(id, { pause: null }),
    says: /RepairHeld: .*PAUSED/,
    heal: async (it, { id, name }) => {
      await it.cloud.act(id, { unpause: null });
      releaseHold(it, name);
    },
  },
  {
    name: "somebody deleted the server",
    strike: (it, { id }) => it.cloud.deleteServer(id),
    says: /HeldBack: machine-unknown: .*which this project does not have: deleted/,
  },
  {
    name: "the compute host is dead",
    strike: (it, { id }) => it.cloud.setComputeHost(id, "dead"),
    says: /RepairHeld: .*powering-off; on a dead host this lasts until the host returns/,
    accepted: ["os-stop"],
    heal: (it, { id }) => it.cloud.setComputeHost(id, "alive"),
  },
  {
    name: "a stop never ends",
    strike: (it, { id }) => it.cloud.setFault(id, "power_off", { kind: "delay", seconds: 1_000_000 }),
    says: /RepairHeld: .*task powering-off/,
    accepted: ["os-stop"],
    heal: (it, { id }) => it.cloud.setFault(id, "power_off", undefined),
  },
];

test.each(obstacles)("$name: nothing is destroyed meanwhile", async ({ strike, says, accepted = [], heal }) => {
  await using it = await begin();
  const patient = last(it.workers);
  await strike(it, patient);
  it.nodes.node(patient.name).machine.hang();
  await it.untilTold(patient.name, says);
  await it.world.clock.advance(3 * minuteMs);
  expect(it.accepted()).toEqual(accepted);
  expect(it.isTainted(patient.name)).toBe(false);
  expect(it.node(patient.name)).toBeDefined();
  if (heal === undefined) return;

  await heal(it, patient);
  expect(await it.untilPhase(patient.name, /Healed/)).toMatchObject({ phase: "Healed" });
  expect(it.accepted()).toEqual(powerCycle);
  expect(it.broken).toEqual([]);
});

test("while somebody else updates the stack nothing is begun; afterwards the node is healed", async () => {
  await using it = await begin({ cloud: { timings: { stackUpdateMs: 10 * minuteMs } } });
  const patient = last(it.workers);
  await it.cloud.beginForeignUpdate((await it.cluster()).uuid);
  it.nodes.node(patient.name).machine.hang();
  await it.world.clock.advance(9 * minuteMs);
  expect(it.told(patient.name)).toContainEqual(
    expect.stringMatching(/interlock: .*stack k8s-\w+ is UPDATE_IN_PROGRESS/),
  );
  expect(it.asked()).toEqual([]);
  await it.untilPhase(patient.name, /Healed/);
  expect(it.accepted()).toEqual(powerCycle);
});

test("a stop that fails without a fault is noticed, and the machine is not given up for off", async () => {
  await using it = await begin();
  const patient = last(it.workers);
  await it.cloud.setFault(patient.id, "power_off", { kind: "fail" });
  it.nodes.node(patient.name).machine.hang();
  const status = await it.untilPhase(patient.name, /Held/);
  expect(status.message).toMatch(/Nova's stop failed \(Error, compute_stop_instance, req-[\w-]+\)/);
  expect(new Set(it.accepted())).toEqual(new Set(["os-stop"]));
  expect(it.isTainted(patient.name)).toBe(false);
});

/** As `aceso repair NODE --release-hold` does. */
function releaseHold(it: CloudHealing, node: string): void {
  const askedAt = new Date(it.world.clock.now().wallMs).toISOString();
  it.world.kube.store.patch("noderepairs", node, { spec: { request: { id: "r1", kind: "release-hold", askedAt } } });
}
