import type { AdmissionFacts, ClusterFacts, CustomResourceFacts, DaemonSetFacts } from "../doctor/facts.ts";
import { requiredPolicies, requiredResources } from "../doctor/required-objects.ts";
import type { Seen } from "../doctor/seen.ts";
import type { KubeRest } from "../kube/rest.ts";
import type { KubeObject } from "../kube/wire.ts";
import { look } from "./doctor-look.ts";

/** Objects of the manifest, as they are in the cluster. */
export async function readObjects(
  rest: KubeRest,
  signal: AbortSignal,
): Promise<Pick<ClusterFacts, "customResources" | "admission">> {
  const get = (path: string, resource: string) => rest.call({ method: "GET", path, resource, signal });
  const crds = requiredResources.map(async ({ name, version }): Promise<[string, Seen<CustomResourceFacts>]> => {
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
    const object = get(path, "customresourcedefinitions").then((it) => customResource(it, version));
    return [name, await look(object, signal)];
  });
  const admission = requiredPolicies.flatMap(({ name }) =>
    (["policy", "binding"] as const).map(async (kind): Promise<[string, Seen<AdmissionFacts>]> => {
      const plural = kind === "policy" ? "validatingadmissionpolicies" : "validatingadmissionpolicybindings";
      const object = get(`/apis/admissionregistration.k8s.io/v1/${plural}/${name}`, plural).then(admissionFacts);
      return [`${kind}/${name}`, await look(object, signal)];
    }),
  );
  const [resources, policies] = await Promise.all([Promise.all(crds), Promise.all(admission)]);
  return { customResources: new Map(resources), admission: new Map(policies) };
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

interface CrdVersion {
  readonly name?: string;
  readonly served?: boolean;
  readonly subresources?: { readonly status?: object };
  readonly schema?: { readonly openAPIV3Schema?: Schema };
}

function customResource(object: KubeObject, version: string): CustomResourceFacts {
  const { versions = [] } = (object.spec ?? {}) as { versions?: readonly CrdVersion[] };
  const { conditions = [] } = (object.status ?? {}) as {
    conditions?: readonly { type?: string; status?: string }[];
  };
  const ours = versions.find((it) => it.name === version);
  const spec = ours?.schema?.openAPIV3Schema?.properties?.spec;
  return {
    isEstablished: conditions.some((it) => it.type === "Established" && it.status === "True"),
    servedVersions: versions.flatMap((it) => (it.served === true && it.name !== undefined ? [it.name] : [])),
    hasStatus: ours?.subresources?.status !== undefined,
    specFields: new Set(fieldsOf(spec, "")),
  };
}

/** Paths of all fields of a schema; the items of a list count as the list's own fields. */
export function fieldsOf(schema: Schema | undefined, path: string): readonly string[] {
  const properties = schema?.properties ?? schema?.items?.properties ?? {};
  return Object.entries(properties).flatMap(([name, inner]) => {
    const own = path === "" ? name : `${path}.${name}`;
    return [own, ...fieldsOf(inner, own)];
  });
}

function admissionFacts(object: KubeObject): AdmissionFacts {
  const { validationActions = [], matchConditions = [] } = (object.spec ?? {}) as {
    validationActions?: readonly string[];
    matchConditions?: readonly { expression?: string }[];
  };
  return { actions: validationActions, conditions: matchConditions.map((it) => it.expression ?? "").join("\n") };
}

export function daemonSetFacts(object: KubeObject): DaemonSetFacts {
  const { template } = (object.spec ?? {}) as {
    template?: { spec?: { serviceAccountName?: string } };
  };
  const { desiredNumberScheduled = 0, numberReady = 0 } = (object.status ?? {}) as {
    desiredNumberScheduled?: number;
    numberReady?: number;
  };
  return {
    serviceAccount: template?.spec?.serviceAccountName || "default",
    desired: desiredNumberScheduled,
    ready: numberReady,
  };
}
