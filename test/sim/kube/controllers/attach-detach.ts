import { uuidOf } from "../fixtures.ts";
import { kindOf } from "../kinds.ts";
import type { KubeObject } from "../object.ts";
import { remove } from "../removal.ts";
import { type ControllerContext, reconcile } from "./loop.ts";
import { hasTaint, outOfServiceKey, readyOf } from "./taints.ts";

const maxUnmountWaitMs = 360_000;
const finalizer = "external-attacher/fake-csi";

export interface AttachDetachOptions {
  /** How long the driver takes to detach after it was asked. */
  readonly detachMs: number;
}

/**
 * Attaches the volumes of bound pods and detaches those that no pod of the node uses: at once on a Ready node or with
 * the out-of-service taint, else after 6 minutes. A ReadWriteOnce volume waits for its other attachment to go.
 */
export function attachDetach(context: ControllerContext, options: AttachDetachOptions): void {
  const { store, clock } = context;
  const unusedSince = new Map<string, number>();

  reconcile(context, ["pods", "nodes", "volumeattachments", "persistentvolumeclaims"], () => {
    let nextMs: number | undefined;
    const wanted = wantedAttachments(context);
    for (const attachment of store.list("volumeattachments")) {
      const key = placeOf(attachment);
      if (attachment.metadata.deletionTimestamp !== undefined) continue;
      if (wanted.has(key)) {
        unusedSince.delete(key);
        continue;
      }
      const sinceMs = unusedSince.get(key) ?? clock.now().monoMs;
      unusedSince.set(key, sinceMs);
      const node = store.get("nodes", attachment.spec?.nodeName);
      const isFree = readyOf(node) === "True" || hasTaint(node, outOfServiceKey);
      const leftMs = isFree ? 0 : sinceMs + maxUnmountWaitMs - clock.now().monoMs;
      if (leftMs > 0) nextMs = Math.min(nextMs ?? leftMs, leftMs);
      else detach(context, attachment, options.detachMs);
    }
    for (const place of wanted) attach(context, place);
    return nextMs;
  });
}

/** `volume node` of each volume that a bound pod uses. */
function wantedAttachments({ store }: ControllerContext): Set<string> {
  const wanted = new Set<string>();
  for (const pod of store.list("pods")) {
    if (!pod.spec?.nodeName || ["Succeeded", "Failed"].includes(pod.status?.phase)) continue;
    for (const volume of pod.spec.volumes ?? []) {
      const claimName = volume.persistentVolumeClaim?.claimName;
      const claim = claimName && store.get("persistentvolumeclaims", `${pod.metadata.namespace}/${claimName}`);
      const volumeName = claim?.spec?.volumeName;
      if (volumeName && store.get("persistentvolumes", volumeName)?.spec?.csi)
        wanted.add(`${volumeName} ${pod.spec.nodeName}`);
    }
  }
  return wanted;
}

function placeOf(attachment: KubeObject): string {
  return `${attachment.spec?.source?.persistentVolumeName} ${attachment.spec?.nodeName}`;
}

function attach({ store }: ControllerContext, place: string): void {
  const [volume = "", nodeName = ""] = place.split(" ");
  const others = store.list("volumeattachments").filter((one) => one.spec?.source?.persistentVolumeName === volume);
  const modes: string[] = store.get("persistentvolumes", volume)?.spec?.accessModes ?? [];
  const isExclusive = !modes.includes("ReadWriteMany") && !modes.includes("ReadOnlyMany");
  const isTaken = others.some((one) => one.spec?.nodeName === nodeName || isExclusive);
  if (isTaken || store.get("nodes", nodeName) === undefined) return;
  store.put("volumeattachments", {
    metadata: { name: `csi-${uuidOf(place).replaceAll("-", "")}`, finalizers: [finalizer] },
    spec: { attacher: "fake.csi", nodeName, source: { persistentVolumeName: volume } },
    status: { attached: true },
  });
}

function detach({ store, clock, signal }: ControllerContext, attachment: KubeObject, detachMs: number): void {
  remove(store, clock, kindOf("volumeattachments"), attachment, {});
  const name = attachment.metadata.name;
  const finish = () => {
    if (store.get("volumeattachments", name)?.metadata.uid === attachment.metadata.uid)
      store.remove("volumeattachments", name);
  };
  clock.sleep(detachMs, signal).then(finish, () => undefined);
}
