import { type Act, ProviderError } from "../../../src/plugin-api/index.ts";
import { volumeDefinition } from "./domain-xml.ts";
import { askOf, type Fleet } from "./fleet.ts";
import { onlyPlace, proveOff, start, switchOff } from "./power.ts";
import { planRebuild, type RebuildPlan } from "./rebuild-checks.ts";
import { errorNumbers, isAnswer, NoAnswerError } from "./rpc/errors.ts";
import { procedures } from "./rpc/procedures.ts";
import type { RebuildSettings } from "./settings.ts";

const volumeTimeoutMs = 60_000;
/** virDomainCreateFlags: forget UEFI's variables, which belong to the old disk. */
const resetNvram = 32;
/** The first libvirt that knows it, 8.1.0. */
const nvramResetSince = 8_001_000;

/**
 * A new root disk for a machine: checks, off, the volume deleted and made again over the base image, on. The
 * definition stays as it is, and with it UUID, name, addresses and seed image. Begun again after a crash it comes to
 * the same end, whichever step was the last.
 */
export async function rebuild(fleet: Fleet, settings: RebuildSettings, act: Act): Promise<void> {
  const plan = await renewDisk(fleet, settings, act).catch(asRepeatable);
  await start(plan.place, act, await nvramFlag(plan, act.signal));
}

async function renewDisk(fleet: Fleet, settings: RebuildSettings, act: Act): Promise<RebuildPlan> {
  const place = await onlyPlace(fleet, act, "rebuild");
  const plan = await planRebuild(place, settings, act.signal);
  await switchOff(place, act);
  await deleteVolume(plan, act);
  await createVolume(plan, settings, act);
  return plan;
}

/**
 * A lost answer leaves a machine that is off with its old disk, a new one or none. Switched on now it might find none;
 * the next try, which begins by looking, makes all of it good.
 */
function asRepeatable(error: unknown): never {
  throw error instanceof NoAnswerError ? new ProviderError(error.message, "retry", { cause: error }) : error;
}

async function deleteVolume({ place, pool, volumeName }: RebuildPlan, act: Act): Promise<void> {
  const { signal } = act;
  const volume = await unlessGone(askOf(place, procedures.volumeByName, [pool, volumeName], signal));
  if (volume === undefined) return;
  await act.mayAct();
  // libvirt deletes a disk under a running machine without a word.
  await proveOff(place, signal);
  await unlessGone(askOf(place, procedures.deleteVolume, [volume], signal, volumeTimeoutMs));
}

/** One that exists is not accepted: whose it is could not be told. The next try deletes it first. */
async function createVolume(plan: RebuildPlan, settings: RebuildSettings, act: Act): Promise<void> {
  const { place, pool, volumeName: name } = plan;
  const definition = volumeDefinition({
    name,
    capacityBytes: settings.capacityBytes,
    backingPath: settings.baseImage,
    backingFormat: settings.baseImageFormat,
  });
  await act.mayAct();
  await askOf(place, procedures.createVolume, [pool, definition], act.signal, volumeTimeoutMs);
}

async function nvramFlag({ place, hasNvram }: RebuildPlan, signal: AbortSignal): Promise<number> {
  if (!hasNvram) return 0;
  return (await askOf(place, procedures.libVersion, [], signal)) >= nvramResetSince ? resetNvram : 0;
}

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isAnswer(error, errorNumbers.noStorageVolume)) return undefined;
    throw error;
  }
}
