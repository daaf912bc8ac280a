/** What a diagnosis is about, in the order of `aceso doctor`, and what is looked at. */
export const topicTexts = {
  "api-servers":
    "Each API server by itself, those of the kubeconfig and of `kubernetes.api-host`: does it answer, does it know us, is it ready?",
  version: "Does this version of Kubernetes heed the out-of-service taint?",
  installation: "Is Aceso installed, and are all replicas ready?",
  "custom-resources": "Are its custom resources served, in the version and with the fields that this program needs?",
  "admission-policies":
    "Are the ValidatingAdmissionPolicies there, bound, denying, and about the right service account?",
  rights: "Has the service account of the DaemonSet each right of the manifest?",
  configuration: "Would a replica start with the configuration, and what does it warn about?",
  guards: "Is a guard always closed, or always open, with this configuration in this cluster?",
  leader: "Does somebody lead, and is the cluster paused?",
  observers: "Do enough replicas publish fresh reports?",
  clocks: "Do the clocks of the API servers and of the nodes agree?",
  provider: "Can the provider be made from the configuration, and does it answer harmless questions?",
  machines: "Is each node one machine and each machine one node, and does nobody call a living machine off?",
  notifications:
    "Can their secret and authorities be read, and does the receiver take a connection? Nothing is sent to it.",
  certificate:
    "Do the status page's certificate and key fit each other, and does the certificate hold for 14 days more?",
  marks: "Does a living node carry the out-of-service taint, and does a repair wait for a person?",
  "other-healers": "What else in the cluster repairs, reboots or removes nodes?",
} as const;
export type Topic = keyof typeof topicTexts;
export const topics = Object.keys(topicTexts) as Topic[];

/** One line of `aceso doctor`: what was found and what it means; where something is wrong also what to do. */
export type Diagnosis =
  | { readonly topic: Topic; readonly level: "ok"; readonly message: string }
  | {
      readonly topic: Topic;
      readonly level: "warning" | "error";
      readonly message: string;
      readonly remedy: string;
    };

/** Makes the diagnoses of one topic. */
export function about(topic: Topic) {
  return {
    ok: (message: string): Diagnosis => ({ topic, level: "ok", message }),
    /** It works, but not as people probably want it. */
    warning: (message: string, remedy: string): Diagnosis => ({ topic, level: "warning", message, remedy }),
    /** Aceso, or a part of it, cannot work so. */
    error: (message: string, remedy: string): Diagnosis => ({ topic, level: "error", message, remedy }),
  };
}

const mostNamed = 5;

/** `a, b and 3 more`. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostNamed).join(", ");
  return names.length > mostNamed ? `${shown} and ${names.length - mostNamed} more` : shown;
}

/** `1 node`, `2 nodes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
