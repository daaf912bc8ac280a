import { about, type Diagnosis, listed } from "./diagnosis.ts";
import type { ClusterFacts, CustomResourceFacts } from "./facts.ts";
import { installCommand } from "./installation.ts";
import { type RequiredResource, requiredResources } from "./required-objects.ts";
import { unreadable } from "./seen.ts";

const { ok, error } = about("custom-resources");

const renew = "kubectl replace -f manifests/crds (objects stay)";

/** Whether Aceso's kinds are served, and as this version needs them. */
export function diagnoseCustomResources({ customResources }: ClusterFacts): readonly Diagnosis[] {
  return requiredResources.map((wanted) => {
    const found = customResources.get(wanted.name) ?? { kind: "missing" };
    if (found.kind === "unreadable")
      return unreadable("custom-resources", `customresourcedefinition ${wanted.name}`, found);
    if (found.kind === "missing") {
      const remedy = `kubectl create -f manifests/crds; with everything else: ${installCommand}`;
      return error(
        `customresourcedefinition ${wanted.name} is missing: Aceso can keep no journal and no report`,
        remedy,
      );
    }
    return judge(wanted, found.value);
  });
}

function judge({ name, version, needsStatus, specFields }: RequiredResource, it: CustomResourceFacts): Diagnosis {
  if (!it.isEstablished) {
    return error(`${name} is not served yet`, `kubectl get crd ${name} -o yaml says why in status.conditions`);
  }
  if (!it.servedVersions.includes(version)) {
    const served = it.servedVersions.join(", ") || "none";
    return error(`${name} does not serve ${version}, which this program speaks (served: ${served})`, renew);
  }
  if (needsStatus && !it.hasStatus) return error(`${name} has no status: the journal cannot be written`, renew);
  const missing = specFields.filter((field) => !it.specFields.has(field));
  if (missing.length > 0) {
    return error(`${name} is of another version: it drops ${listed(missing)}`, renew);
  }
  return ok(`${name} serves ${version} with every field of this version`);
}
