/** What a diagnosis is about, in the order of `aceso doctor`. */
export const topics = [
  "api-servers",
  "version",
  "installation",
  "custom-resources",
  "admission-policies",
  "rights",
  "configuration",
  "guards",
  "leader",
  "observers",
  "clocks",
  "provider",
  "machines",
  "marks",
  "other-healers",
] as const;
export type Topic = (typeof topics)[number];

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
