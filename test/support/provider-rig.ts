import type { Act, NodeIdentity, PowerState, Provider } from "../../src/plugin-api/index.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { eventually } from "./eventually.ts";

/** One provider and the machine behind it, seen from the other side. */
export interface ProviderRig extends AsyncDisposable {
  readonly provider: Provider;
  /** A node whose machine exists and is on. */
  readonly node: NodeIdentity;
  /** A node without a machine here; undefined where every node has one (a provider that maps by name). */
  readonly stranger: NodeIdentity | undefined;
  /** The clock that the provider was given. */
  readonly clock: Clock;
  /** How the machine really is. */
  power(): Promise<"on" | "off">;
  /** How many destructive or restoring requests have reached the machine's owner. */
  acts(): Promise<number>;
  /** From now on the owner takes requests and does not answer. */
  makeOwnerSilent(): Promise<void>;
  /** From now on the owner answers with something outside its protocol. */
  makeOwnerTalkNonsense(): Promise<void>;
}

export const patience = { withinMs: 10_000, everyMs: 20 };
export const never = new AbortController().signal;

/** An act on the rig's machine. */
export async function act(rig: ProviderRig, fields: Partial<Act> = {}): Promise<Act> {
  return { ...plainAct(rig, await identified(rig.provider, rig.node)), ...fields };
}

export function plainAct({ node }: ProviderRig, machine: string): Act {
  return { machine, node, id: "intent-1", timeoutMs: 10_000, signal: never, mayAct: async () => {} };
}

/** The machine of a node. @throws Error when it has none */
export async function identified(provider: Provider, node: NodeIdentity): Promise<string> {
  const machine = await provider.identify(node, never);
  if (machine === undefined) throw new Error(`no machine for node ${node.name}`);
  return machine;
}

/** Waits until the provider reads its machine so. */
export async function readsAs({ provider, node, clock }: ProviderRig, power: PowerState): Promise<void> {
  const machine = await identified(provider, node);
  const look = async () => (await provider.observe(machine, node, never)).power === power;
  await eventually(`the machine reads ${power}`, look, { ...patience, clock });
}
