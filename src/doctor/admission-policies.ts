import { about, type Diagnosis } from "./diagnosis.ts";
import type { ClusterFacts } from "./facts.ts";
import { requiredPolicies } from "./required-objects.ts";
import { seenValue, unreadable } from "./seen.ts";

const { ok, warning } = about("admission-policies");

const create = "kubectl create -f manifests/aceso.yaml creates what is missing and names the rest as existing";

/** Whether what a stolen token could do is bounded by policies that are there and in force. */
export function diagnoseAdmissionPolicies(cluster: ClusterFacts, namespace: string): readonly Diagnosis[] {
  const version = seenValue(cluster.version);
  if (version?.hasAdmissionPolicies === false) {
    const meaning = "what a stolen token of Aceso may do to Nodes is bounded by its rights alone";
    return [
      warning(
        `Kubernetes ${version.gitVersion} has no ValidatingAdmissionPolicies: ${meaning}`,
        "upgrade to 1.30 or newer, then create the policies at the end of manifests/aceso.yaml",
      ),
    ];
  }
  return requiredPolicies.map((wanted) => diagnose(wanted, cluster, namespace));
}

function diagnose(
  { name, purpose, namesAccount }: (typeof requiredPolicies)[number],
  { admission, daemonSet }: ClusterFacts,
  namespace: string,
): Diagnosis {
  const policy = admission.get(`policy/${name}`) ?? { kind: "missing" };
  const binding = admission.get(`binding/${name}`) ?? { kind: "missing" };
  for (const it of [policy, binding])
    if (it.kind === "unreadable") return unreadable("admission-policies", `policy ${name}`, it);
  const without = `without it it is not so that ${purpose}`;
  if (policy.kind === "missing") return warning(`validatingadmissionpolicy ${name} is missing; ${without}`, create);
  if (binding.kind === "missing") {
    return warning(
      `validatingadmissionpolicybinding ${name} is missing, so the policy has no effect; ${without}`,
      create,
    );
  }
  if (!seenValue(binding)?.actions.includes("Deny")) {
    const remedy = `kubectl patch validatingadmissionpolicybinding ${name} --type=merge -p '{"spec":{"validationActions":["Deny"]}}'`;
    return warning(`validatingadmissionpolicybinding ${name} does not deny; ${without}`, remedy);
  }
  const user = `system:serviceaccount:${namespace}:${seenValue(daemonSet)?.serviceAccount ?? "aceso"}`;
  if (namesAccount && !seenValue(policy)?.conditions.includes(`'${user}'`)) {
    return warning(
      `validatingadmissionpolicy ${name} does not speak of ${user}; ${without}`,
      `kubectl edit validatingadmissionpolicy ${name}: put ${user} into its matchConditions`,
    );
  }
  return ok(`policy ${name} is there and denies: ${purpose}`);
}
