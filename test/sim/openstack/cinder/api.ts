import type { Compute } from "../compute/compute.ts";
import { type CloudAnswer, json, Refusal } from "../http/answer.ts";
import type { CloudRequest } from "../http/request.ts";
import { findRoute, type Routes } from "../http/router.ts";
import type { Caller } from "../identity/caller.ts";
import { microText } from "../times.ts";

interface CinderCall {
  readonly compute: Compute;
  readonly caller: Caller;
}

const routes: Routes<CinderCall> = {
  "GET /v3/:project/volumes/:id": ({ compute, caller }, { id = "" }) => {
    const volume = compute.volumes.get(id.toLowerCase());
    if (volume?.projectId !== caller.projectId) throw noVolume(id);
    const { serverId, status, imageId } = volume;
    const view = {
      ...{ id: volume.id, status, size: 1, name: "", bootable: "true", availability_zone: "nova" },
      attachments: [{ id: volume.id, volume_id: volume.id, server_id: serverId, device: "/dev/sda" }],
      created_at: microText(volume.createdAtWallMs),
      volume_image_metadata: { image_id: imageId, image_name: "fcos" },
    };
    return json(200, { volume: view });
  },
};

function noVolume(id: string): Refusal {
  return new Refusal(json(404, { itemNotFound: { code: 404, message: `Volume ${id} could not be found.` } }));
}

/** What Cinder needs of the cloud. */
export interface CinderContext {
  readonly compute: Compute;
  /** @throws Refusal 401 */
  authenticate(request: CloudRequest): Caller;
}

/** Serves one call to Cinder: as much of it as a healer asks. @throws Refusal */
export function serveCinder({ compute, authenticate }: CinderContext, request: CloudRequest): CloudAnswer {
  const caller = authenticate(request);
  const match = findRoute(routes, request.method, request.path);
  if (match === undefined) {
    throw new Refusal(json(404, { itemNotFound: { code: 404, message: "The resource could not be found." } }));
  }
  return match.handler({ compute, caller }, match.parts, request);
}
