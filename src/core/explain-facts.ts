import { ageText } from "./age.ts";
import type { NodeHealth } from "./health.ts";
import type { Told } from "./hold-end.ts";
import { attemptsAt } from "./ladder.ts";
import type { Finding, NodeFacts } from "./model.ts";
import { whyRefused } from "./open-request.ts";
import { pauseOf } from "./pause.ts";
import { effectTexts } from "./phase-texts.ts";
import { openIntent, type RepairRecord } from "./record.ts";
import type { MonoMs, Now } from "./time.ts";
import { type ClusterView, isOutOfService, marksOf } from "./view.ts";
import { failuresOf, freshObservers } from "./votes.ts";

/** What is known of a node, one line each, most telling first. */
export function factsOf({ view, now, node, record, health }: Told): string[] {
  const ofNode =
    node === undefined || health === undefined
      ? ["The Node object does not exist."]
      : [
          ...healthFacts(node, health, now),
          ...observerFacts(view, node, now),
          ...markFacts(node, view),
          ...machineFacts(view, node, now),
        ];
  const isAtWork = record?.phase !== undefined;
  return [
    ...ofNode,
    ...pauseFacts(view, node, record),
    ...requestFacts(record, now.wallMs),
    ...(isAtWork ? recordFacts(record, view.cautiousWallMs) : []),
    ...(node !== undefined && (isAtWork || health?.isSick === true) ? [ladderFact(view, node, record)] : []),
  ];
}

function healthFacts(node: NodeFacts, health: NodeHealth, now: Now): string[] {
  return [
    readyFact(node, now.monoMs),
    leaseFact(health),
    ...health.findings.map((finding) => findingFact(finding, now.monoMs)),
    ...(health.isMute ? ["Nothing on its address answers any observer."] : []),
  ];
}

function readyFact(node: NodeFacts, monoMs: MonoMs): string {
  const ready = node.conditions.find(({ type }) => type === "Ready");
  if (ready === undefined) return `Role ${node.role}; the node never posted whether it is Ready.`;
  return `Role ${node.role}; Ready is ${ready.status} for ${ageText(monoMs - ready.changedAtMonoMs)}.`;
}

function leaseFact({ silentForMs, isSilent }: NodeHealth): string {
  if (silentForMs === undefined) return "Its kubelet has no Lease, so it is never called silent.";
  const age = ageText(silentForMs);
  return isSilent
    ? `Silent: its kubelet's Lease has not changed for ${age}.`
    : `Its kubelet's Lease changed ${age} ago.`;
}

function findingFact({ check, message, sinceMonoMs, unhealthyDurationMs }: Finding, monoMs: MonoMs): string {
  const forMs = monoMs - sinceMonoMs;
  const limit = ageText(unhealthyDurationMs);
  const isDue = forMs >= unhealthyDurationMs;
  return `Check ${check} fails for ${ageText(forMs)} (${isDue ? "more than its" : "of its"} ${limit}): ${message}.`;
}

function observerFacts(view: ClusterView, node: NodeFacts, now: Now): string[] {
  const fresh = freshObservers(view.observers, now);
  const failing = fresh.filter((it) => !it.suspectsSelf && failuresOf(it.failing, node.name).length > 0);
  if (view.observers.length === 0) return ["No observer has published a report."];
  const said =
    failing.length === 0 ? "none sees it fail" : `${failing.map((it) => it.instance).join(", ")} see it fail`;
  return [`${fresh.length} of ${view.observers.length} observers are fresh; ${said}.`];
}

function markFacts(node: NodeFacts, view: ClusterView): string[] {
  const ours = marksOf(node)?.marks;
  const wallMs = view.cautiousWallMs;
  const facts: string[] = [];
  if (node.isUnschedulable) {
    const isOurs = ours?.cordon !== undefined && !ours.cordon.wasUnschedulable;
    facts.push(isOurs ? "Cordoned by Aceso." : "Cordoned by somebody else.");
  }
  if (isOutOfService(node)) {
    const at = ours?.outOfService?.atWallMs;
    facts.push(
      at === undefined
        ? "It carries the out-of-service taint, which Aceso did not set."
        : `Aceso set the out-of-service taint ${sinceText(wallMs, at)}.`,
    );
  }
  if (node.isDeleting) facts.push("The Node object is being deleted.");
  return facts;
}

function machineFacts(view: ClusterView, node: NodeFacts, now: Now): string[] {
  const last = view.readings.get(node.name)?.at(-1);
  if (last === undefined) return [];
  return [
    `Machine ${last.machine} read ${last.power} ${ageText(now.monoMs - last.readAtMonoMs)} ago (${last.source}: ${last.text}).`,
  ];
}

function pauseFacts(view: ClusterView, node: NodeFacts | undefined, record: RepairRecord | undefined): string[] {
  const pause = pauseOf(node, record, view);
  return pause === undefined ? [] : [`Paused (${pause.scope}): ${pause.text}.`];
}

function requestFacts(record: RepairRecord | undefined, wallMs: number): string[] {
  const { request } = record?.wishes ?? {};
  if (record === undefined || request === undefined) return [];
  const open = whyRefused(record, wallMs);
  if (open !== undefined) return [`To be refused: ${open}.`];
  const { refusedRequest } = record;
  return refusedRequest?.id === request.id ? [`Refused: ${refusedRequest.because}.`] : [];
}

function recordFacts(record: RepairRecord, wallMs: number): string[] {
  const rung = record.rung === undefined ? "local fencing" : `${record.rung}, attempt ${record.attempt}`;
  const facts = [
    `Repair ${record.id || "(no id)"} began ${sinceText(wallMs, record.startedAtWallMs)}; ${record.phase} since ${ageText(wallMs - record.phaseStartedAtWallMs)} (${rung}); written by ${record.leader || "nobody"}.`,
  ];
  const intent = openIntent(record);
  if (intent !== undefined) {
    const leftMs = intent.startedAtWallMs + intent.deadlineMs - wallMs;
    facts.push(`Under way: ${effectTexts[intent.effect]}, for at most ${ageText(leftMs)} more.`);
  }
  const { result } = record;
  if (result !== undefined) {
    const said = result.message === "" ? "" : `: ${result.message}`;
    facts.push(
      `Last act: ${effectTexts[result.effect]}, ${result.outcome} ${sinceText(wallMs, result.endedAtWallMs)}${said}.`,
    );
  }
  const proof = record.evidence.at(-1);
  if (proof !== undefined) {
    facts.push(
      `Evidence: ${proof.source} said ${proof.value} of ${proof.machine} ${sinceText(wallMs, proof.readAtWallMs)}${proof.text === "" ? "" : ` (${proof.text})`}.`,
    );
  }
  facts.push(...ownerFacts(record, wallMs));
  if (record.isReleaseOverdue) facts.push("Pods or volumes did not go within release-timeout.");
  return facts;
}

/** The rungs of the node's role, each with the attempts that are spent. */
function ladderFact(
  { policy, cautiousWallMs }: ClusterView,
  node: NodeFacts,
  record: RepairRecord | undefined,
): string {
  if (policy.provider === undefined) return "Ladder: none, since there is no provider.";
  const rungs = policy.ladder[node.role].map((rung) => {
    const spent = attemptsAt(rung, record?.attempts ?? [], policy.attemptsDecayMs, cautiousWallMs);
    return `${rung} (${spent} of ${policy.attempts[rung]} attempts spent)`;
  });
  return `Ladder: ${rungs.length === 0 ? "empty" : rungs.join(", then ")}.`;
}

/** What was asked of the machine's owner and is not over, or was followed to its end. */
function ownerFacts({ replacement, pendingOff, rung }: RepairRecord, wallMs: number): string[] {
  const facts: string[] = [];
  if (replacement !== undefined && rung === "replace") {
    const { machine, atWallMs, successor, plan } = replacement;
    const who = successor === undefined ? "its successor is not known" : `its successor is ${successor}`;
    facts.push(`Replacement of ${machine}, planned ${sinceText(wallMs, atWallMs)} (${plan}); ${who}.`);
  }
  if (pendingOff !== undefined) {
    const asked = sinceText(wallMs, pendingOff.askedAtWallMs);
    facts.push(
      `A power-off of ${pendingOff.machine}, asked for ${asked}, was never seen carried out; it may still come.`,
    );
  }
  return facts;
}

function sinceText(wallMs: number, atWallMs: number): string {
  return `${ageText(wallMs - atWallMs)} ago`;
}
