import { type Act, ProviderError } from "../../../src/plugin-api/index.ts";
import { describeState, isActive, isRunning } from "./domain-state.ts";
import { askOf, describePlace, describeUnreached, type Fleet, type Place } from "./fleet.ts";
import { errorAreas, errorNumbers, isAnswer, NoAnswerError } from "./rpc/errors.ts";
import { type DomainState, procedures } from "./rpc/procedures.ts";

/** libvirt itself kills a QEMU that hangs after about 12 s. */
const destroyTimeoutMs = 60_000;
const startTimeoutMs = 60_000;
const removeTimeoutMs = 30_000;
const rebootTimeoutMs = 10_000;
/** A reset of a QEMU that hangs never answers. */
const resetTimeoutMs = 5_000;

/** virDomainRebootFlagValues: the power button, and no question to an agent in the guest that may hang. */
const acpiPowerButton = 1;
/** virDomainCreateFlags: a saved image is thrown away, never resumed on a disk that is another one by now. */
const forceBoot = 8;

/** Off on every hypervisor that runs it, with proof, and without a saved image. Harmless where it is off already. */
export async function powerOff(fleet: Fleet, act: Act): Promise<void> {
  const { places, unreached } = await fleet.find(act.machine, act.signal);
  for (const place of places) await switchOff(place, act);
  const [silent] = unreached;
  if (silent !== undefined) throw new ProviderError(`libvirt: power-off: ${describeUnreached(silent)}`, "retry");
  if (places.length === 0) throw unknownDomain("power-off", act);
}

export async function powerOn(fleet: Fleet, act: Act): Promise<void> {
  const place = await onlyPlace(fleet, act, "power-on");
  if (isRunning(place.state)) {
    // who may not act any more must not be told that all is well
    await act.mayAct();
    return;
  }
  if (isActive(place.state)) {
    throw new ProviderError(
      `libvirt: power-on: ${place.domain.name} is ${describePlace(place)}; it must be off`,
      "give-up",
    );
  }
  await start(place, act);
}

/** Presses the power button; whether the guest obeys shows in its next boot ID. */
export async function rebootSoftly(fleet: Fleet, act: Act): Promise<void> {
  const place = await runningPlace(fleet, act, "soft-reboot");
  await act.mayAct();
  await askOf(place, procedures.reboot, [place.domain, acpiPowerButton], act.signal, rebootTimeoutMs);
}

/** Presses reset; a machine that does not take it is switched off and on. */
export async function rebootHard(fleet: Fleet, act: Act): Promise<void> {
  const place = await runningPlace(fleet, act, "hard-reboot");
  await act.mayAct();
  if (await reset(place, act)) {
    const state = await readState(place, act.signal);
    if (isRunning(state)) return;
  }
  await switchOff(place, act);
  await start(place, act);
}

/**
 * Destroys a domain, sees it off, and removes its saved image. Nothing is done to one that is off.
 *
 * @throws ProviderError when it is transient, or does not read off afterwards
 */
export async function switchOff(place: Place, act: Act): Promise<void> {
  const { domain } = place;
  if (isActive(await readState(place, act.signal))) {
    if (!(await askOf(place, procedures.isPersistent, [domain], act.signal))) {
      const problem = `${domain.name} is transient: switched off it would be gone; define it (virsh define)`;
      throw new ProviderError(`libvirt: power-off on ${place.hypervisor.name}: ${problem}`, "give-up");
    }
    await act.mayAct();
    await unlessItEndedAnyway(askOf(place, procedures.destroy, [domain, 0], act.signal, destroyTimeoutMs));
  }
  if (await askOf(place, procedures.hasManagedSave, [domain, 0], act.signal)) {
    await act.mayAct();
    await askOf(place, procedures.removeManagedSave, [domain, 0], act.signal, removeTimeoutMs);
  }
  await proveOff(place, act.signal);
}

/** @throws ProviderError when the domain does not read shut off now */
export async function proveOff(place: Place, signal: AbortSignal): Promise<void> {
  const state = await readState(place, signal);
  if (!isActive(state)) return;
  const what = `libvirt: ${place.domain.name} on ${place.hypervisor.name}`;
  throw new ProviderError(`${what}: ${describeState(state)} where shut off was expected`, "re-read");
}

/** Boots a domain that is off. One that runs by now has been started by somebody: that will do. */
export async function start(place: Place, act: Act, moreFlags = 0): Promise<void> {
  const { domain } = place;
  await act.mayAct();
  try {
    await askOf(place, procedures.create, [domain, forceBoot | moreFlags], act.signal, startTimeoutMs);
  } catch (error) {
    if (!isAnswer(error, errorNumbers.operationInvalid)) throw error;
    if (!isRunning(await readState(place, act.signal))) throw error;
  }
}

/** The one place of a machine. @throws ProviderError when that is not certain */
export async function onlyPlace(fleet: Fleet, act: Act, what: string): Promise<Place> {
  const { places, unreached } = await fleet.find(act.machine, act.signal);
  const [silent] = unreached;
  if (silent !== undefined) {
    throw new ProviderError(`libvirt: ${what}: ${describeUnreached(silent)}; the machine may run there`, "retry");
  }
  const active = places.filter(({ state }) => isActive(state));
  const [place, ...others] = active.length > 0 ? active : fleet.homesOf(act.machine, places);
  if (place === undefined) throw unknownDomain(what, act);
  if (others.length === 0) return place;
  const where = places.map(describePlace).join("; ");
  throw new ProviderError(
    `libvirt: ${what}: ${place.domain.name} is known to more than one hypervisor: ${where}; undefine it where it does not belong`,
    "ask-operator",
  );
}

async function runningPlace(fleet: Fleet, act: Act, what: string): Promise<Place> {
  const place = await onlyPlace(fleet, act, what);
  if (isActive(place.state)) return place;
  throw new ProviderError(`libvirt: ${what}: ${place.domain.name} is ${describePlace(place)}`, "re-read");
}

/** @returns false when the machine does not take a reset: QEMU hangs, or another job holds the domain */
async function reset(place: Place, act: Act): Promise<boolean> {
  try {
    await askOf(place, procedures.reset, [place.domain, 0], act.signal, resetTimeoutMs);
    return true;
  } catch (error) {
    const isHung = error instanceof NoAnswerError && !act.signal.aborted;
    if (isHung || isAnswer(error, errorNumbers.operationTimeout) || isGoneMeanwhile(error)) return false;
    throw error;
  }
}

async function unlessItEndedAnyway(destroy: Promise<void>): Promise<void> {
  try {
    await destroy;
  } catch (error) {
    if (!isGoneMeanwhile(error)) throw error;
  }
}

/** The state has changed, or QEMU has ended, while libvirt was at it; what is so now must be read. */
function isGoneMeanwhile(error: unknown): boolean {
  if (isAnswer(error, errorNumbers.operationInvalid)) return true;
  return isAnswer(error, errorNumbers.system) && error.area === errorAreas.qemu;
}

async function readState(place: Place, signal: AbortSignal): Promise<DomainState> {
  return await askOf(place, procedures.domainState, [place.domain, 0], signal);
}

function unknownDomain(what: string, act: Act): ProviderError {
  return new ProviderError(`libvirt: ${what}: no configured hypervisor knows domain ${act.machine}`, "give-up");
}
