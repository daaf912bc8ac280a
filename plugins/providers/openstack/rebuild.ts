import { type Act, ProviderError } from "../../../src/plugin-api/index.ts";
import type { OpenStackSession } from "../../shared/openstack/session.ts";
import type { Nova } from "./nova.ts";
import { isHostDown, type Server, wordsOn } from "./server.ts";
import {
  type ActParts,
  actOnServer,
  commonObstacle,
  type ServerAct,
  strangeState,
  type Verdict,
} from "./server-acts.ts";
import { deadHost } from "./switching.ts";
import { bootVolume, readVolume, type Volume } from "./volume.ts";

/** From here on Nova writes a boot volume anew; below, a rebuild leaves the old disk as it is. */
const rebuildsVolumes = "2.93";

/** Writes the disk anew from the image that it was made from. A stopped server stays stopped; id, name and address stay. */
export async function rebuild(parts: ActParts, session: OpenStackSession, act: Act): Promise<void> {
  if (parts.asked.isRepeated(act, "rebuild")) return;
  const server = await parts.nova.find(act.machine, act.signal);
  if (server === undefined) throw giveUp(act.machine, "Nova has no such server any more");
  const source = await sourceOf(server, parts.nova, session, act.signal);
  await actOnServer(parts, act, rebuildFrom(source));
}

interface Source {
  readonly image: string;
  readonly volume?: string;
}

function rebuildFrom({ image, volume }: Source): ServerAct {
  return {
    kind: "rebuild",
    doing: "rebuilding",
    body: { rebuild: { imageRef: image } },
    ...(volume !== undefined && { volume }),
    judge(server): Verdict {
      if (isHostDown(server)) return deadHost("rebuilding", server);
      const obstacle = commonObstacle("rebuilding", server);
      if (obstacle !== undefined) return obstacle;
      return ["ACTIVE", "SHUTOFF", "ERROR"].includes(server.status) ? "send" : strangeState("rebuilding", server);
    },
  };
}

async function sourceOf(server: Server, nova: Nova, session: OpenStackSession, signal: AbortSignal): Promise<Source> {
  if (server.imageId !== undefined) return { image: server.imageId };
  if (!(await nova.allows(rebuildsVolumes, signal))) {
    throw giveUp(
      server.id,
      `it boots from a volume, which this Nova leaves as it is (it needs microversion ${rebuildsVolumes})`,
    );
  }
  if (server.volumes.length === 0) throw giveUp(server.id, `neither image nor volume is known: ${wordsOn(server)}`);
  const volumes: Volume[] = [];
  for (const id of server.volumes) volumes.push(await readVolume(session, id, signal));
  const devices = volumes.length > 1 ? await nova.devices(server.id, signal) : new Map<string, string>();
  const boot = bootVolume(volumes, devices);
  if (boot?.imageId === undefined) throw giveUp(server.id, "which image its boot volume was made from cannot be told");
  if (boot.status !== "in-use") throw giveUp(server.id, `its boot volume ${boot.id} is ${boot.status}, not in-use`);
  return { image: boot.imageId, volume: boot.id };
}

function giveUp(machine: string, why: string): ProviderError {
  return new ProviderError(`openstack: rebuilding server ${machine}: ${why}`, "give-up");
}
