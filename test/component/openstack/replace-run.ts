import type { CallListener } from "../../sim/openstack/http/traffic.ts";
import { actsIn } from "../../support/cloud-acts.ts";
import { briskWords, type CloudHealing, startCloudHealing } from "../../support/cloud-healing.ts";
import type { CloudServer } from "../../support/openstack-cloud.ts";
import { writeKindsOf } from "../../support/write-kind.ts";

/** Where the acting replica dies, or loses an answer: at its n-th write to the API server, or n-th act in the cloud. */
export type Blow =
  | { readonly at: "write"; readonly number: number; readonly how: "before" | "after" }
  | { readonly at: "act"; readonly number: number; readonly how: "before" | "after" | "lost" };

/** A replacement, and what it may do. */
export interface ReplaceCase {
  readonly name: string;
  readonly role: "master" | "worker";
  /** Acts of the whole repair, in order, each once. */
  readonly acts: readonly string[];
}

export const workerThroughMagnum: ReplaceCase = {
  name: "a worker through Magnum",
  role: "worker",
  acts: ["os-stop", "resize"],
};
export const masterThroughHeat: ReplaceCase = {
  name: "a master through Heat",
  role: "master",
  acts: ["os-stop", "mark-unhealthy", "update-stack"],
};

export interface ReplaceOutcome {
  readonly phase: string;
  readonly reason: string;
  /** Kinds of the first replica's writes to the API server, in order. */
  readonly writes: readonly string[];
  readonly accepted: readonly string[];
  readonly newServers: number;
  /** Broken promises, one sentence each. */
  readonly broken: readonly string[];
}

const limitMs = 2 * 3_600_000;

/** Begins to replace the last server of the role; the first replica leads and acts. */
async function beginReplace({ role }: ReplaceCase): Promise<{ it: CloudHealing; patient: CloudServer }> {
  const it = await startCloudHealing({
    words: { ...briskWords, more: `${briskWords.more}ladder: {${role}: [replace]}\n` },
  });
  await it.startReplica("one", it.masters[0]?.name);
  await it.startReplica("two", it.masters[1]?.name);
  await it.world.clock.advance(30_000);
  const patient = (role === "master" ? it.masters : it.workers).at(-1);
  if (patient === undefined) throw new Error(`no ${role}`);
  return { it, patient };
}

/** Plays one replacement, with at most one blow, to its end. */
export async function playReplace(chosen: ReplaceCase, blow: Blow | undefined): Promise<ReplaceOutcome> {
  const { it, patient } = await beginReplace(chosen);
  await using _ = it;
  const base = it.world.kube.writes.of("one");
  const kinds = writeKindsOf(it.world, "one");
  if (blow !== undefined) aim(it, blow, base);
  it.nodes.node(patient.name).machine.hang();
  await it.untilPhase(patient.name, /Healed|Recovered|Held/, limitMs);
  const writes = [...kinds];
  const actsAtEnd = it.asked().length;
  await it.world.clock.advance(60_000);
  const broken = [...it.broken, ...(await judge(it, chosen, patient))];
  if (it.asked().length > actsAtEnd) broken.push("something was asked of the cloud after the end");
  const { phase, reason } = it.repair(patient.name)?.status ?? {};
  return { phase, reason, writes, accepted: it.accepted(), newServers: (await newServers(it)).length, broken };
}

function aim(it: CloudHealing, { at, number, how }: Blow, base: number): void {
  const { kube } = it.world;
  if (at === "write") {
    const match = { instance: "one", writeNumber: base + number };
    kube.faults.add({ match, fault: { kind: "kill", applied: how === "after" } });
    return;
  }
  it.cloud.onCall(
    atAct(number, (call, when) => {
      if (how === "lost") {
        // this very call is the next one
        if (when === "before" && call.service !== "cinder") it.cloud.loseNextAnswer(call.service, call.method, /^/);
        return undefined;
      }
      if (when !== how) return undefined;
      kube.kill("one");
      return true;
    }),
  );
}

/** Hears only of the n-th act, before and after. */
function atAct(number: number, listener: CallListener): CallListener {
  let count = 0;
  return (call, when) => {
    if (actsIn([call]).length === 0) return undefined;
    if (when === "before") count += 1;
    return count === number ? listener(call, when) : undefined;
  };
}

async function newServers(it: CloudHealing): Promise<readonly CloudServer[]> {
  const before = new Set([...it.masters, ...it.workers].map(({ id }) => id));
  return (await it.cloud.servers()).filter(({ id }) => !before.has(id));
}

async function judge(it: CloudHealing, { acts }: ReplaceCase, patient: CloudServer): Promise<readonly string[]> {
  const broken: string[] = [];
  const accepted = it.accepted();
  for (const kind of new Set(accepted)) {
    if (!acts.includes(kind)) broken.push(`${kind} was not wanted`);
    if (accepted.filter((each) => each === kind).length > 1) broken.push(`${kind} took place more than once`);
  }
  const made = await newServers(it);
  const { phase } = it.repair(patient.name)?.status ?? {};
  const isOver = phase === "Healed";
  const wanted = accepted.length === acts.length ? 1 : 0;
  if (made.length !== wanted) broken.push(`${made.length} new servers after ${accepted.join(", ")}`);
  if (isOver && made.length !== 1) broken.push("healed without a new server");
  if (isOver && !it.isReady(made[0]?.name ?? "")) broken.push("healed, and the new node is not Ready");
  const others = [...it.masters, ...it.workers].filter(({ id }) => id !== patient.id);
  for (const { id, name } of others) {
    const server = await it.cloud.server(id);
    if (server?.status !== "ACTIVE" || server.boots !== 1) broken.push(`${name} was touched`);
  }
  return broken;
}
