import { messageOf } from "../core/errors.ts";
import type { NodeFacts } from "../core/model.ts";
import { isOutOfService } from "../core/view.ts";
import type { Answer, MachineAnswer, ProviderFacts } from "../doctor/facts.ts";
import { identityOf } from "../engine/machine-identity.ts";
import type { Provider } from "../plugin-api/index.ts";
import type { Clock } from "../ports/clock.ts";
import { eachOf } from "../util/each-of.ts";
import { within } from "./doctor-look.ts";

/** Questions are answered by processes and clouds: not one for each of 5,000 nodes. */
const mostIdentified = 40;
const mostObserved = 5;
const width = 4;
const answerMs = 15_000;
const wholeMs = 60_000;

/**
 * Asks the provider which machines nodes are, and how a few of them stand. Only reads. Never throws, but when the signal
 * aborts.
 *
 * @param asksAll about every node, however many there are
 */
export async function askProvider(
  provider: Provider,
  nodes: readonly NodeFacts[],
  asksAll: boolean,
  clock: Clock,
  signal: AbortSignal,
): Promise<ProviderFacts> {
  const chosen = asksAll ? nodes : sample(nodes);
  const endsAt = clock.now().monoMs + wholeMs;
  const observed = new Set([...chosen.filter(isOutOfService), ...chosen].slice(0, mostObserved + tainted(chosen)));
  const ask = <T>(work: (deadline: AbortSignal) => Promise<T>): Promise<Answer<T>> =>
    within(work, answerMs, clock, signal).then(
      (value) => ({ kind: "answered", value }),
      (error: unknown) => {
        signal.throwIfAborted();
        return { kind: "failed", problem: messageOf(error) };
      },
    );
  const answers = await eachOf(chosen, width, async (node): Promise<MachineAnswer | undefined> => {
    if (!asksAll && clock.now().monoMs > endsAt) return undefined;
    const identity = identityOf(node);
    const machine = await ask((deadline) => provider.identify(identity, deadline));
    const id = machine.kind === "answered" ? machine.value : undefined;
    if (id === undefined || !observed.has(node)) return { node: node.name, machine, power: undefined };
    const power = await ask(async (deadline) => {
      const { power, text } = await provider.observe(id, identity, deadline);
      return { power, text };
    });
    return { node: node.name, machine, power };
  });
  const given = answers.filter((it) => it !== undefined);
  return { kind: "asked", id: provider.id, answers: given, notAsked: nodes.length - given.length };
}

function tainted(nodes: readonly NodeFacts[]): number {
  return nodes.filter(isOutOfService).length;
}

/** Tainted nodes and the control plane first, then workers spread over the whole list. */
function sample(nodes: readonly NodeFacts[]): readonly NodeFacts[] {
  if (nodes.length <= mostIdentified) return nodes;
  const first = nodes.filter((it) => it.role === "master" || isOutOfService(it)).slice(0, mostIdentified / 2);
  const rest = nodes.filter((it) => !first.includes(it));
  const step = rest.length / (mostIdentified - first.length);
  const spread = Array.from({ length: mostIdentified - first.length }, (_, index) => rest[Math.floor(index * step)]);
  return [...first, ...spread.filter((it) => it !== undefined)];
}
