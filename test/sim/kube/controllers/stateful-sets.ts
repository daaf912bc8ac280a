import { volumeDrafts } from "../fixtures.ts";
import { kindOf } from "../kinds.ts";
import { type KubeObject, keyOf } from "../object.ts";
import { create } from "../writes.ts";
import { type ControllerContext, reconcile } from "./loop.ts";

/** A missing pod of a StatefulSet is made anew, with its bound volumes; a Terminating one is waited for. */
export function statefulSets(context: ControllerContext): void {
  const { store } = context;
  reconcile(context, ["statefulsets", "pods"], () => {
    for (const set of store.list("statefulsets")) {
      for (let ordinal = 0; ordinal < (set.spec?.replicas ?? 1); ordinal += 1) ensurePod(context, set, ordinal);
    }
    return undefined;
  });
}

function ensurePod(context: ControllerContext, set: KubeObject, ordinal: number): void {
  const { store, clock } = context;
  const namespace = set.metadata.namespace ?? "default";
  const name = `${set.metadata.name}-${ordinal}`;
  const present = store.get("pods", `${namespace}/${name}`);
  if (present?.status?.phase === "Failed") store.remove("pods", keyOf(present));
  else if (present !== undefined) return;

  const claims: string[] = (set.spec?.volumeClaimTemplates ?? []).map(
    (one: { metadata: { name: string } }) => one.metadata.name,
  );
  for (const claim of claims) ensureVolume(context, `${claim}-${name}`, namespace);
  const volumes = claims.map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: `${claim}-${name}` } }));
  const template = set.spec?.template ?? {};
  const owner = {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    name: set.metadata.name,
    uid: set.metadata.uid,
    controller: true,
  };
  create(
    store,
    clock,
    { kind: kindOf("pods"), namespace, isDryRun: false },
    {
      metadata: { ...template.metadata, name, ownerReferences: [owner] },
      spec: { ...template.spec, volumes: [...(template.spec?.volumes ?? []), ...volumes] },
    },
  );
}

function ensureVolume({ store }: ControllerContext, claim: string, namespace: string): void {
  if (store.get("persistentvolumeclaims", `${namespace}/${claim}`) !== undefined) return;
  const drafts = volumeDrafts(claim, namespace);
  store.put("persistentvolumes", drafts.volume);
  store.put("persistentvolumeclaims", drafts.claim);
}
