import { about, type Diagnosis } from "./diagnosis.ts";
import type { ClusterFacts } from "./facts.ts";
import { unreadable } from "./seen.ts";

const { ok, warning, error } = about("version");

const gate = "NodeOutOfServiceVolumeDetach";

/** Whether the server's version heeds the out-of-service taint. */
export function diagnoseVersion({ version }: ClusterFacts): readonly Diagnosis[] {
  if (version.kind === "missing") return [];
  if (version.kind === "unreadable") return [unreadable("version", "the server's version", version)];
  const { gitVersion, outOfService } = version.value;
  switch (outOfService) {
    case "none":
      return [
        error(
          `Kubernetes ${gitVersion} does not know the out-of-service taint: pods and volumes of a dead node are never freed`,
          "upgrade to 1.26 or newer; Aceso begins nothing before",
        ),
      ];
    case "needs-gate":
      return [
        warning(
          `Kubernetes ${gitVersion} heeds the out-of-service taint only with the feature gate ${gate}, which cannot be seen from outside`,
          `start every kube-controller-manager with --feature-gates=${gate}=true, or upgrade to 1.26`,
        ),
      ];
    case "unknown":
      return [
        warning(
          `the version ${JSON.stringify(gitVersion)} is not understood`,
          "see that it is Kubernetes 1.26 or newer: older ones do not heed the out-of-service taint",
        ),
      ];
    default:
      return [ok(`Kubernetes ${gitVersion} heeds the out-of-service taint`)];
  }
}
