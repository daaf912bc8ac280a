import { about, counted, type Diagnosis } from "./diagnosis.ts";
import type { ClusterFacts } from "./facts.ts";
import type { Right } from "./required-rights.ts";
import { unreadable } from "./seen.ts";

const { ok, error } = about("rights");

/** Whether Aceso may do what it must. */
export function diagnoseRights({ rights: { who, answers } }: ClusterFacts, namespace: string): readonly Diagnosis[] {
  const refused = answers.filter(({ isAllowed }) => isAllowed.kind === "seen" && !isAllowed.value);
  const unknown = answers.flatMap(({ isAllowed }) => (isAllowed.kind === "unreadable" ? [isAllowed] : []));
  const found = refused.map(({ right }) =>
    error(
      `${who} may not ${rightText(right, namespace)}: needed to ${right.purpose}`,
      `kubectl auth can-i ${rightArgs(right, namespace)} --as=${who} says the same; compare its roles with manifests/aceso.yaml (kubectl auth reconcile -f manifests/aceso.yaml adds what is missing)`,
    ),
  );
  const first = unknown[0];
  if (first !== undefined) {
    found.push(unreadable("rights", `${counted(unknown.length, "right")} of ${who}`, first));
  }
  if (found.length > 0) return found;
  return [ok(`${who} has all ${counted(answers.length, "right")} of the manifest`)];
}

function rightText(right: Right, namespace: string): string {
  const { group, resource, verb } = right;
  const where = namespaceOf(right, namespace);
  return `${verb} ${resource}${group === "" ? "" : `.${group}`}${where === undefined ? "" : ` in namespace ${where}`}`;
}

function rightArgs(right: Right, namespace: string): string {
  const [plain, subresource] = right.resource.split("/");
  const where = namespaceOf(right, namespace);
  const kind = `${plain}${right.group === "" ? "" : `.${right.group}`}${right.name === undefined ? "" : `/${right.name}`}`;
  const parts = [
    right.verb,
    kind,
    ...(subresource === undefined ? [] : [`--subresource=${subresource}`]),
    ...(where === undefined ? [] : [`-n ${where}`]),
  ];
  return parts.join(" ");
}

/** Where the right is needed; undefined: everywhere. @param own namespace that Aceso lives in */
export function namespaceOf({ namespace }: Right, own: string): string | undefined {
  return namespace === "own" ? own : namespace;
}
