import { AcesoError, messageOf, type Remedy } from "../core/errors.ts";
import type { Effect, EffectResult, NodeMarks, RepairRecord } from "../core/record.ts";
import { marksOf } from "../core/view.ts";
import { ProviderError } from "../plugin-api/errors.ts";
import type { Act } from "../plugin-api/provider.ts";
import { drain } from "./drain.ts";
import { type EffectRun, NotNowError } from "./effect-run.ts";
import type { Gathered } from "./gather.ts";
import { frozenIdentity } from "./machine-identity.ts";
import { isReleasable } from "./pods.ts";
import type { Shift } from "./world.ts";

/** Pods of one batch; before each the machine is read again (DESIGN promise 1). */
const podsPerBatch = 20;

type Run = (it: EffectRun) => Promise<string>;

const cordon: Run = async ({ shift, record, gathered, signal }) => {
  const node = nodeOf(gathered);
  const earlier = marksOf(node);
  const known = earlier?.repairId === record.id ? earlier.marks.cordon : record.marks.cordon;
  const mark = known ?? { wasUnschedulable: node.isUnschedulable, atWallMs: shift.clock.now().wallMs };
  await shift.control.setUnschedulable(node, true, marksFor(record, { ...record.marks, cordon: mark }), signal);
  return mark.wasUnschedulable ? "it was cordoned before" : "cordoned";
};

const uncordon: Run = async ({ shift, record, gathered, signal }) => {
  const node = nodeOf(gathered);
  if (record.marks.cordon?.wasUnschedulable === false && node.isUnschedulable) {
    await shift.control.setUnschedulable(node, false, marksFor(record, {}), signal);
    return "uncordoned";
  }
  await shift.control.clearMarks(node, signal);
  return "somebody else's cordon stays as it is";
};

/** Taints, then reads the Lease once more: if it moved, the taint is taken back at once (DESIGN promise 4). */
const taint: Run = async ({ shift, record, signal, mayAct }) => {
  const seen = await mayAct();
  const marks = marksFor(record, { ...record.marks, outOfService: { atWallMs: shift.clock.now().wallMs } });
  const tainted = await shift.control.addOutOfServiceTaint(nodeOf(seen), marks, signal);
  const lease = await shift.nodes.readLease(record.node, signal);
  if (lease?.version === seen.leaseVersion) return "tainted out-of-service";
  await shift.control.removeOutOfServiceTaint(tainted, marksFor(record, record.marks), signal);
  throw new NotNowError(`tainted ${record.node}, but its kubelet's Lease moved meanwhile: the taint was taken back`);
};

const untaint: Run = async ({ shift, record, gathered, signal }) => {
  const { outOfService: _gone, ...rest } = record.marks;
  await shift.control.removeOutOfServiceTaint(nodeOf(gathered), marksFor(record, rest), signal);
  return "out-of-service taint removed";
};

const forceDelete: Run = async ({ shift, record, signal, mayAct }) => {
  const { pods } = await mayAct();
  // Pods that nobody has touched come first: those that hang in finalizers must not stand in their way.
  const waiting = pods
    .filter((it) => isReleasable(it, record))
    .sort((a, b) => Number(a.isTerminating) - Number(b.isTerminating));
  const batch = waiting.slice(0, podsPerBatch);
  const released = await Promise.allSettled(batch.map((pod) => shift.workloads.releasePod(pod, signal)));
  const failed = released.find((it) => it.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return `${batch.length} pods deleted`;
};

const deleteNode: Run = async ({ shift, record, signal, mayAct }) => {
  await shift.control.deleteNode(nodeOf(await mayAct()), signal);
  return `Node ${record.node} was deleted`;
};

const runs: Readonly<Record<Effect, Run>> = {
  cordon,
  uncordon,
  taint,
  untaint,
  drain,
  "force-delete": forceDelete,
  "power-off": (it) => ask(it, "power-off", (provider, act) => provider.powerOff?.(act)),
  "power-on": (it) => ask(it, "power-on", (provider, act) => provider.powerOn?.(act)),
  "soft-reboot": (it) => ask(it, "soft-reboot", (provider, act) => provider.reboot?.(act, "soft")),
  "hard-reboot": (it) => ask(it, "hard-reboot", (provider, act) => provider.reboot?.(act, "hard")),
  rebuild: (it) => ask(it, "rebuild", (provider, act) => provider.rebuild?.(act)),
  replace: (it) => ask(it, "replace", (provider, act) => provider.replace?.(act, it.record.replacement?.plan)),
  "delete-node": deleteNode,
};

type Ask = (provider: NonNullable<Shift["provider"]>, act: Act) => Promise<void> | undefined;

async function ask(
  { shift, record, gathered, intent, signal, mayAct }: EffectRun,
  effect: Effect,
  call: Ask,
): Promise<string> {
  const { provider } = shift;
  const machine = shift.machines?.machineOf(record);
  if (provider === undefined || machine === undefined)
    throw new NotNowError(`${effect} of ${record.node}: no machine is known`);
  await mayAct();
  const asked = call(provider, {
    machine,
    node: frozenIdentity(record, gathered.node),
    id: intent.id,
    timeoutMs: intent.deadlineMs,
    signal,
    mayAct: async () => void (await mayAct()),
  });
  if (asked === undefined) throw new NotNowError(`${effect} of ${machine}: provider ${provider.id} cannot do that`);
  await asked;
  return `${provider.id} accepted ${effect} of ${machine}`;
}

function nodeOf(gathered: Gathered): NonNullable<Gathered["node"]> {
  if (gathered.node === undefined) throw new NotNowError("the Node object is gone");
  return gathered.node;
}

function marksFor(record: RepairRecord, marks: NodeMarks["marks"]): NodeMarks {
  return { repairId: record.id, bootID: record.identity?.bootID ?? "", marks };
}

/**
 * Runs one effect until its deadline. Never throws: the result says what came of it. `unknown` when nobody can say
 * whether it took place; the remedy is the adapter's.
 */
export async function runEffect(it: EffectRun): Promise<EffectResult> {
  const { effect, id } = it.intent;
  const endedAt = () => it.shift.clock.now().wallMs;
  try {
    const message = await runs[effect](it);
    return { effect, id, outcome: "done", message, endedAtWallMs: endedAt() };
  } catch (error) {
    // A bug: nobody knows whether the act took place, and trying at once would only meet it again.
    const isBug = !(error instanceof AcesoError);
    const remedy: Remedy = isBug ? "retry" : error.remedy;
    // A provider knows at its deadline, too, whether it had got as far as to send something.
    const isTold = error instanceof NotNowError || error instanceof ProviderError;
    const isUnknown = isBug || remedy === "re-read" || (it.signal.aborted && !isTold);
    if (isBug && !it.signal.aborted) {
      it.shift.log.error({ err: error, effect, node: it.record.node }, "an effect threw something unexpected");
    }
    const outcome = isUnknown ? "unknown" : "failed";
    return { effect, id, outcome, message: messageOf(error).slice(0, 512), remedy, endedAtWallMs: endedAt() };
  }
}
