import type { Machine } from "../../support/hollow/machine.ts";
import type { ReplacerOptions } from "../../support/hollow-replacer.ts";

/** One way a node falls ill and is brought back. */
export interface Scenario {
  readonly name: string;
  readonly hasProvider: boolean;
  /** Rungs of the workers' ladder. */
  readonly ladder?: string;
  readonly extraConfig?: string;
  /** The owner makes another machine, which is followed. */
  readonly replacing?: ReplacerOptions;
  /** Makes the machine ill. A `living` kubelet is made to say Ready=False instead. */
  readonly strike: (machine: Machine) => void;
  readonly isLiving?: boolean;
  /** What a person does for a node that is fenced without a provider. */
  readonly comeBack?: (machine: Machine) => void;
  /** Scenarios that share steps with this one: outside a full run the shared kinds of steps are struck only there. */
  readonly sharesWith: readonly string[];
  /** Most calls of each operation that any crash may lead to: the attempts of its rung. */
  readonly most: Readonly<Record<string, number>>;
}

export const scenarios: readonly Scenario[] = [
  {
    name: "hung",
    sharesWith: [],
    hasProvider: true,
    strike: (it) => it.hang(),
    most: { "power-off": 2, "power-on": 4 },
  },
  {
    name: "found off",
    sharesWith: ["hung"],
    hasProvider: true,
    strike: (it) => it.kill(),
    most: { "power-off": 2, "power-on": 4 },
  },
  {
    name: "power cycle of a living node",
    sharesWith: ["hung"],
    hasProvider: true,
    strike: () => undefined,
    isLiving: true,
    most: { "power-off": 2, "power-on": 4 },
  },
  {
    name: "soft reboot",
    sharesWith: ["hung", "power cycle of a living node"],
    hasProvider: true,
    ladder: "soft-reboot, power-cycle",
    strike: () => undefined,
    isLiving: true,
    most: { "soft-reboot": 1, "power-off": 2, "power-on": 4 },
  },
  {
    name: "hard reboot",
    sharesWith: ["hung", "power cycle of a living node"],
    hasProvider: true,
    ladder: "hard-reboot, power-cycle",
    strike: () => undefined,
    isLiving: true,
    most: { "hard-reboot": 1, "power-off": 2, "power-on": 4 },
  },
  {
    name: "rebuild",
    sharesWith: ["hung"],
    hasProvider: true,
    ladder: "rebuild",
    strike: (it) => it.hang(),
    most: { rebuild: 1, "power-off": 1, "power-on": 3 },
  },
  {
    name: "replace",
    sharesWith: ["hung"],
    hasProvider: true,
    ladder: "replace",
    strike: (it) => it.hang(),
    most: { replace: 1, "power-off": 1, "power-on": 0 },
  },
  {
    name: "replace with a successor of another name",
    sharesWith: ["hung"],
    hasProvider: true,
    ladder: "replace",
    replacing: { nameOf: (old) => `${old}-2` },
    strike: (it) => it.hang(),
    most: { replace: 1, "power-off": 1 },
  },
  {
    name: "replace with a successor of the same name",
    sharesWith: ["hung"],
    hasProvider: true,
    ladder: "replace",
    replacing: { nameOf: (old) => old },
    strike: (it) => it.hang(),
    most: { replace: 1, "power-off": 1 },
  },
  {
    name: "unproven",
    sharesWith: ["hung"],
    hasProvider: false,
    extraConfig: "fencing: {accept-unproven: true}",
    strike: (it) => it.kill(),
    comeBack: (it) => void it.powerOn(),
    most: {},
  },
];

/** @throws Error when there is none of that name */
export function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((it) => it.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

interface Place {
  /** Counted from 1. */
  readonly number: number;
  /** Its kind. */
  readonly what: string;
}

/** Where the acting replica dies, or loses an answer. */
export type Blow = Place &
  (
    | { readonly at: "write"; readonly how: "before" | "after" | "lost" | "reset" }
    | { readonly at: "call"; readonly how: "before" | "after" }
  );

const words = {
  before: "killed before",
  after: "killed after",
  lost: "answer lost at",
  reset: "connection cut before",
};

export function describeBlow({ at, number, how, what }: Blow): string {
  return `${words[how]} ${at} ${number} (${what})`;
}
