import type { OpenStackSession } from "../../shared/openstack/session.ts";
import { recordIn, textIn } from "./json.ts";
import { nonsense, recordFrom } from "./refusal.ts";

/** What Cinder says of one volume. */
export interface Volume {
  readonly id: string;
  readonly status: string;
  readonly isBootable: boolean;
  /** The image that it was made from. */
  readonly imageId: string | undefined;
}

export async function readVolume(session: OpenStackSession, id: string, signal: AbortSignal): Promise<Volume> {
  const what = `reading volume ${id}`;
  const answer = await session.call({ service: "volumev3", method: "GET", path: `/volumes/${id}`, signal });
  const volume = recordFrom(what, answer, "volume");
  const status = textIn(volume, "status");
  if (status === undefined) throw nonsense(what, answer);
  return {
    id,
    status,
    isBootable: volume.bootable === true || volume.bootable === "true",
    imageId: textIn(recordIn(volume, "volume_image_metadata"), "image_id"),
  };
}

/**
 * The volume that the server boots from. Pure.
 *
 * @param devices by volume id, as `/dev/vda`
 * @returns undefined when it cannot be told from the others
 */
export function bootVolume(volumes: readonly Volume[], devices: ReadonlyMap<string, string>): Volume | undefined {
  const candidates = volumes.filter((volume) => volume.isBootable && volume.imageId !== undefined);
  const first = volumes.filter(({ id }) => /^\/dev\/(?:s|v|h|xv)da$/.test(devices.get(id) ?? ""));
  // A data volume may be made from an image, too: its image must not be written over the first disk.
  if (first.length > 0) return first.length === 1 ? candidates.find((volume) => volume === first[0]) : undefined;
  return candidates.length === 1 ? candidates[0] : undefined;
}
