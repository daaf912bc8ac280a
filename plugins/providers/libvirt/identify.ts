import { type MachineId, type NodeIdentity, ProviderError } from "../../../src/plugin-api/index.ts";
import { describeUnreached, type Fleet, lookUpByName, lookUpByUuid } from "./fleet.ts";
import type { Hypervisor } from "./hypervisor.ts";
import type { Domain } from "./rpc/procedures.ts";
import { formatUuid, parseUuid, swapUuid } from "./uuid.ts";

type LookUp = (hypervisor: Hypervisor) => Promise<readonly Domain[]>;

/**
 * The domain of a Node: by the annotation aceso.dev/machine (a UUID or a name), by a provider id `libvirt://…/UUID`,
 * by the system UUID in both byte orders, by the node's name where that is switched on.
 *
 * @throws ProviderError when two domains fit, a person's annotation fits none, the domain is not to be touched, or a
 *   hypervisor did not answer: it may have a second one
 */
export async function identify(
  fleet: Fleet,
  node: NodeIdentity,
  options: { readonly matchesByName: boolean },
  signal: AbortSignal,
): Promise<MachineId | undefined> {
  const find = (what: string, lookUps: readonly LookUp[]) => findOne(fleet, `${node.name} by ${what}`, lookUps, signal);
  if (node.machineAnnotation !== undefined && node.machineAnnotation !== "") {
    const named = await find("aceso.dev/machine", byText(node.machineAnnotation, signal));
    if (named !== undefined) return named;
    const problem = `annotation aceso.dev/machine names ${node.machineAnnotation}, which no hypervisor knows`;
    throw new ProviderError(`libvirt: identifying ${node.name}: ${problem}; correct or remove it`, "ask-operator");
  }
  const byUuid = [...bySystemUuid(node.systemUUID, signal), ...byProviderId(node.providerID, signal)];
  const machine = await find("provider id and system UUID", byUuid);
  if (machine !== undefined || !options.matchesByName) return machine;
  return await find("name", [(hypervisor) => lookUpByName(hypervisor, node.name, signal)]);
}

function byText(text: string, signal: AbortSignal): LookUp[] {
  const uuid = parseUuid(text);
  if (uuid !== undefined) return [(hypervisor) => lookUpByUuid(hypervisor, uuid, signal)];
  return [(hypervisor) => lookUpByName(hypervisor, text, signal)];
}

function byProviderId(providerID: string, signal: AbortSignal): LookUp[] {
  const text = /^libvirt:\/\/(?:.*\/)?([^/]+)$/.exec(providerID)?.[1];
  return text === undefined ? [] : byText(text, signal);
}

function bySystemUuid(systemUUID: string, signal: AbortSignal): LookUp[] {
  const uuid = parseUuid(systemUUID);
  if (uuid === undefined) return [];
  return [uuid, swapUuid(uuid)].map((it) => (hypervisor) => lookUpByUuid(hypervisor, it, signal));
}

async function findOne(
  fleet: Fleet,
  what: string,
  lookUps: readonly LookUp[],
  signal: AbortSignal,
): Promise<MachineId | undefined> {
  if (lookUps.length === 0) return undefined;
  const lookUp = async (hypervisor: Hypervisor) => (await Promise.all(lookUps.map((it) => it(hypervisor)))).flat();
  const { places, unreached } = await fleet.search(lookUp, signal);
  const [silent] = unreached;
  if (silent !== undefined) {
    throw new ProviderError(`libvirt: identifying ${what}: ${describeUnreached(silent)}`, "retry");
  }
  const found = new Map(places.map(({ domain }) => [formatUuid(domain.uuid), domain.name]));
  if (found.size > 1) {
    const both = [...found].map(([uuid, name]) => `${name} (${uuid})`).join(" and ");
    throw new ProviderError(
      `libvirt: identifying ${what}: ${both} fit; say which with the annotation aceso.dev/machine`,
      "ask-operator",
    );
  }
  for (const [uuid, name] of found) {
    fleet.check(name);
    return uuid;
  }
  return undefined;
}
