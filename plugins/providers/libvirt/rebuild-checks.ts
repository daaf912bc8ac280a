import { ProviderError } from "../../../src/plugin-api/index.ts";
import { hasNvram, readDisks, readPoolFolder } from "./domain-xml.ts";
import { askOf, type Place } from "./fleet.ts";
import { type Pool, procedures } from "./rpc/procedures.ts";
import type { RebuildSettings } from "./settings.ts";

/** virDomainXMLFlags: the definition that the next start will use. */
const inactive = 2;
/** Room that a new image needs at least: it is thin, but the guest begins to write as soon as it runs. */
const leastFreeBytes = 256 * 1024 * 1024;
const refreshTimeoutMs = 60_000;
const poolTypesOfFiles = ["dir", "fs", "netfs"];

/** Everything that a rebuild will touch, looked at before it touches anything. */
export interface RebuildPlan {
  readonly place: Place;
  readonly pool: Pool;
  readonly volumeName: string;
  readonly hasNvram: boolean;
}

/** @throws ProviderError saying why this machine cannot be rebuilt; nothing has been changed then */
export async function planRebuild(place: Place, settings: RebuildSettings, signal: AbortSignal): Promise<RebuildPlan> {
  const { domain } = place;
  if (!(await askOf(place, procedures.isPersistent, [domain], signal))) {
    throw refusal(place, "the domain is transient: switched off it would be gone; define it (virsh define)", "give-up");
  }
  const snapshots = await askOf(place, procedures.snapshotCount, [domain, 0], signal);
  if (snapshots > 0) {
    throw refusal(place, `it has ${snapshots} snapshots, which would be lost; delete them (virsh snapshot-delete)`);
  }
  const { pool, folder } = await checkPool(place, settings, signal);
  const volumeName = settings.volumeOf(domain.name);
  const definition = await askOf(place, procedures.domainXml, [domain, inactive], signal);
  checkDisk(place, definition, { path: `${folder}/${volumeName}`, pool: pool.name, volumeName });
  await checkBaseImage(place, settings, `${folder}/${volumeName}`, signal);
  return { place, pool, volumeName, hasNvram: hasNvram(definition) };
}

async function checkPool(
  place: Place,
  settings: RebuildSettings,
  signal: AbortSignal,
): Promise<{ pool: Pool; folder: string }> {
  const pool = await askOf(place, procedures.poolByName, [settings.pool], signal);
  if (!(await askOf(place, procedures.isPoolActive, [pool], signal))) {
    throw refusal(place, `storage pool ${pool.name} is not active; start it (virsh pool-start)`);
  }
  const { type, folder } = readPoolFolder(await askOf(place, procedures.poolXml, [pool], signal));
  if (!poolTypesOfFiles.includes(type) || folder === undefined) {
    throw refusal(place, `storage pool ${pool.name} is of type ${type}; images over a base image need one of files`);
  }
  // Files that came or went behind libvirt's back would otherwise be met in the middle of the work.
  await askOf(place, procedures.refreshPool, [pool], signal, refreshTimeoutMs);
  const { availableBytes } = await askOf(place, procedures.poolInfo, [pool], signal);
  if (availableBytes < leastFreeBytes) {
    const free = Math.floor(availableBytes / 1024 ** 2);
    throw refusal(place, `storage pool ${pool.name} has ${free} MiB left, ${leastFreeBytes / 1024 ** 2} are wanted`);
  }
  return { pool, folder };
}

/** The disk about to be deleted must be the machine's own root disk and a qcow2 image. */
function checkDisk(
  place: Place,
  definition: string,
  root: { readonly path: string; readonly pool: string; readonly volumeName: string },
): void {
  const disks = readDisks(definition);
  const found = disks.filter(({ path, volume }) => {
    return path === root.path || (volume?.pool === root.pool && volume.name === root.volumeName);
  });
  const [disk] = found;
  if (disk === undefined || found.length > 1 || disk.device !== "disk") {
    const seen = disks.map(({ path, volume }) => path ?? volume?.name ?? "another kind of disk").join(", ") || "none";
    throw refusal(place, `${root.path} is not its disk (its disks: ${seen}); check libvirt.pool and libvirt.volume`);
  }
  if (disk.format !== "qcow2") {
    throw refusal(
      place,
      `its disk ${root.path} is ${disk.format ?? "of no format"}; only qcow2 can be laid over a base`,
    );
  }
}

async function checkBaseImage(
  place: Place,
  { baseImage, capacityBytes }: RebuildSettings,
  root: string,
  signal: AbortSignal,
): Promise<void> {
  if (baseImage === root) throw refusal(place, `the base image ${baseImage} is its own disk`);
  const known = await askOf(place, procedures.volumeByPath, [baseImage], signal);
  const home = await askOf(place, procedures.poolByName, [known.pool], signal);
  await askOf(place, procedures.refreshPool, [home], signal, refreshTimeoutMs);
  const base = await askOf(place, procedures.volumeByPath, [baseImage], signal);
  const info = await askOf(place, procedures.volumeInfo, [base], signal);
  if (info.capacityBytes <= capacityBytes) return;
  const gib = Math.ceil(info.capacityBytes / 1024 ** 3);
  throw refusal(
    place,
    `the base image ${baseImage} has ${gib} GiB, more than libvirt.capacity-gib: its end would be cut off`,
  );
}

function refusal(
  { domain, hypervisor }: Place,
  why: string,
  remedy: "ask-operator" | "give-up" = "ask-operator",
): ProviderError {
  return new ProviderError(`libvirt: rebuild of ${domain.name} on ${hypervisor.name} refused: ${why}`, remedy);
}
