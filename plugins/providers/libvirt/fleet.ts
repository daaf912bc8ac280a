import { type MachineId, messageOf, ProviderError } from "../../../src/plugin-api/index.ts";
import { describeState, isActive, shutOffReasons } from "./domain-state.ts";
import type { Hypervisor } from "./hypervisor.ts";
import { errorNumbers, isAnswer } from "./rpc/errors.ts";
import { type Domain, type DomainState, type Procedure, procedures } from "./rpc/procedures.ts";
import { formatUuid, parseUuid } from "./uuid.ts";

/** Time for a question that changes nothing. libvirt answers these in a millisecond, also while QEMU hangs. */
export const readTimeoutMs = 5_000;

/** A domain on one hypervisor, as it was read a moment ago. */
export interface Place {
  readonly hypervisor: Hypervisor;
  readonly domain: Domain;
  readonly state: DomainState;
  readonly hasSavedImage: boolean;
}

/** A hypervisor that could not say whether it has a machine. */
export interface Unreached {
  readonly hypervisor: Hypervisor;
  readonly problem: string;
}

export interface Sighting {
  readonly places: readonly Place[];
  readonly unreached: readonly Unreached[];
}

/** Asks a hypervisor about a domain that was found on it. */
export async function askOf<Args extends readonly unknown[], Answer>(
  { hypervisor, domain }: Pick<Place, "hypervisor" | "domain">,
  procedure: Procedure<Args, Answer>,
  args: Args,
  signal: AbortSignal,
  timeoutMs = readTimeoutMs,
): Promise<Answer> {
  return await hypervisor.call(procedure, args, { timeoutMs, signal, on: domain.name });
}

/** All configured hypervisors. A machine is its domain's UUID, looked for on each of them, every time. */
export class Fleet {
  readonly hypervisors: readonly Hypervisor[];
  readonly mayTouch: (domainName: string) => boolean;
  /** Where each machine ran when it was last seen running. */
  readonly #lastRun = new Map<MachineId, Hypervisor>();

  constructor(hypervisors: readonly Hypervisor[], mayTouch: (domainName: string) => boolean) {
    this.hypervisors = hypervisors;
    this.mayTouch = mayTouch;
  }

  /**
   * Where a machine is, with its state on each hypervisor.
   *
   * @throws ProviderError when the id is no UUID, or the domain is not one of `libvirt.machines`
   */
  async find(machine: MachineId, signal: AbortSignal): Promise<Sighting> {
    const uuid = parseUuid(machine);
    if (uuid === undefined) throw new ProviderError(`libvirt: ${machine} is no domain's UUID`, "give-up");
    const sighting = await this.search((hypervisor) => lookUpByUuid(hypervisor, uuid, signal), signal);
    for (const { domain } of sighting.places) this.check(domain.name);
    const [running, ...others] = sighting.places.filter(({ state }) => isActive(state));
    if (running !== undefined && others.length === 0) this.#lastRun.set(machine, running.hypervisor);
    return sighting;
  }

  /**
   * Which of the places of a machine that runs nowhere is its home: a live migration may leave its definition behind.
   * Where it was last seen running, else where it did not leave from.
   */
  homesOf(machine: MachineId, places: readonly Place[]): readonly Place[] {
    const last = places.filter(({ hypervisor }) => hypervisor === this.#lastRun.get(machine));
    if (last.length === 1) return last;
    return places.length === 1 ? places : places.filter(({ state }) => state.reason !== shutOffReasons.migrated);
  }

  /** Every domain of every hypervisor that may be touched, by UUID. A hypervisor counts whole or not at all. */
  async findAll(signal: AbortSignal): Promise<{
    readonly machines: ReadonlyMap<MachineId, readonly Place[]>;
    readonly unreached: readonly Unreached[];
  }> {
    const { places, unreached } = await this.search(
      (hypervisor) => hypervisor.call(procedures.listDomains, [], { timeoutMs: readTimeoutMs, signal, on: "" }),
      signal,
    );
    const ours = places.filter(({ domain }) => this.mayTouch(domain.name));
    return { machines: Map.groupBy(ours, ({ domain }) => formatUuid(domain.uuid)), unreached };
  }

  /** Looks on all hypervisors at once; one that fails is `unreached`, whatever the reason. */
  async search(lookUp: (hypervisor: Hypervisor) => Promise<readonly Domain[]>, signal: AbortSignal): Promise<Sighting> {
    const places: Place[] = [];
    const unreached: Unreached[] = [];
    const ask = async (hypervisor: Hypervisor) => {
      try {
        const domains = await lookUp(hypervisor);
        const found = await Promise.all(domains.map((domain) => readPlace(hypervisor, domain, signal)));
        places.push(...found.filter((place) => place !== undefined));
      } catch (error) {
        unreached.push({ hypervisor, problem: messageOf(error) });
      }
    };
    await Promise.all(this.hypervisors.map(ask));
    return { places, unreached };
  }

  /** @throws ProviderError when a domain of this name is not to be touched */
  check(domainName: string): void {
    if (this.mayTouch(domainName)) return;
    throw new ProviderError(`libvirt: domain ${domainName} is none of libvirt.machines: not touched`, "ask-operator");
  }
}

export function lookUpByUuid(hypervisor: Hypervisor, uuid: Buffer, signal: AbortSignal): Promise<readonly Domain[]> {
  const options = { timeoutMs: readTimeoutMs, signal, on: formatUuid(uuid) };
  return orNone(hypervisor.call(procedures.domainByUuid, [uuid], options));
}

export function lookUpByName(hypervisor: Hypervisor, name: string, signal: AbortSignal): Promise<readonly Domain[]> {
  return orNone(hypervisor.call(procedures.domainByName, [name], { timeoutMs: readTimeoutMs, signal, on: name }));
}

/** As `shut off (destroyed) on qemu+tls://host-a/system`. */
export function describePlace({ hypervisor, state, hasSavedImage }: Place): string {
  return `${describeState(state)}${hasSavedImage ? " with a saved image" : ""} on ${hypervisor.name}`;
}

export function describeUnreached({ hypervisor, problem }: Unreached): string {
  return `no answer from ${hypervisor.name} (${problem})`;
}

async function orNone(lookUp: Promise<Domain>): Promise<readonly Domain[]> {
  try {
    return [await lookUp];
  } catch (error) {
    if (isAnswer(error, errorNumbers.noDomain)) return [];
    throw error;
  }
}

/** Undefined when the domain went away in between. */
async function readPlace(hypervisor: Hypervisor, domain: Domain, signal: AbortSignal): Promise<Place | undefined> {
  const at = { hypervisor, domain };
  try {
    const [state, hasSavedImage] = await Promise.all([
      askOf(at, procedures.domainState, [domain, 0], signal),
      askOf(at, procedures.hasManagedSave, [domain, 0], signal),
    ]);
    return { ...at, state, hasSavedImage };
  } catch (error) {
    if (isAnswer(error, errorNumbers.noDomain)) return undefined;
    throw error;
  }
}
