import { about, type Diagnosis, type Topic } from "./diagnosis.ts";

/** What came of one look at the cluster. What could not be looked at is a finding of its own, never a crash. */
export type Seen<T> =
  | { readonly kind: "seen"; readonly value: T }
  /** It does not exist. */
  | { readonly kind: "missing" }
  /** Forbidden: this user may not look, which says nothing about Aceso. */
  | { readonly kind: "unreadable"; readonly problem: string; readonly isForbidden: boolean };

export const seen = <T>(value: T): Seen<T> => ({ kind: "seen", value });

/** The value, or undefined. */
export function seenValue<T>(it: Seen<T>): T | undefined {
  return it.kind === "seen" ? it.value : undefined;
}

type Unread = Extract<Seen<unknown>, { kind: "unreadable" }>;

/** @param what as `the Nodes` */
export function unreadable(topic: Topic, what: string, { problem, isForbidden }: Unread): Diagnosis {
  const { warning, error } = about(topic);
  if (isForbidden) {
    const remedy = "ask again with the kubeconfig of somebody who may read it; until then this is not judged";
    return warning(`${what} may not be read by this user: ${problem}`, remedy);
  }
  return error(`${what} could not be read: ${problem}`, "see that the API server answers, and ask again");
}
