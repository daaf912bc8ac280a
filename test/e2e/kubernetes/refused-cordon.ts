import type { ApiObject } from "../../support/api-client.ts";
import type { Stage } from "../../support/e2e-stage/stage.ts";
import { eventually } from "../../support/eventually.ts";
import { serviceAccount } from "../../support/rights.ts";

const name = "refused-cordon-of-one";

/** From now on Aceso's cordon of this node is refused, so that its repair stays in `Cordoning`. Resolves when it is so. */
export async function refuseCordon({ create, plane }: Pick<Stage, "create" | "plane">, node: string): Promise<void> {
  await create(policyFor(node));
  // policies are in force a moment after their creation
  await eventually(`the cordon of ${node} is refused`, async () => {
    const cordon = ["patch", "node", node, "--dry-run=server", "--patch", '{"spec":{"unschedulable":true}}'];
    return plane.kubectl([...cordon, "--as", serviceAccount]).then(
      () => false,
      (error: Error) => error.message.includes(name),
    );
  });
}

/** Takes `refuseCordon` back. */
export async function acceptCordons({ plane }: Pick<Stage, "plane">): Promise<void> {
  await plane.kubectl(["delete", "validatingadmissionpolicybinding,validatingadmissionpolicy", name]);
}

function policyFor(node: string): readonly ApiObject[] {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const metadata = { name };
  const rule = { apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["nodes"] };
  const expression = [
    `request.userInfo.username != '${serviceAccount}'`,
    `object.metadata.name != '${node}'`,
    "object.spec.?unschedulable.orValue(false) == false",
  ].join(" || ");
  const spec = { matchConstraints: { resourceRules: [rule] }, validations: [{ expression }] };
  const binding = { policyName: name, validationActions: ["Deny"] };
  return [
    { apiVersion, kind: "ValidatingAdmissionPolicy", metadata, spec },
    { apiVersion, kind: "ValidatingAdmissionPolicyBinding", metadata, spec: binding },
  ];
}
