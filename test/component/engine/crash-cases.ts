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
  /** Most calls of each operation that any crash may lead to: the attempts of its rung. */
  readonly most: Readonly<Record<string, number>>;
}

export const scenarios: readonly Scenario[] = [
  { name: "found off", hasProvider: true, strike: (it) => it.kill(), most: { "power-off": 2, "power-on": 4 } },
  { name: "hung", hasProvider: true, strike: (it) => it.hang(), most: { "power-off": 2, "power-on": 4 } },
  {
    name: "power cycle of a living node",
    hasProvider: true,
    strike: () => undefined,
    isLiving: true,
    most: { "power-off": 2, "power-on": 4 },
  },
  {
    name: "soft reboot",
    hasProvider: true,
    ladder: "soft-reboot, power-cycle",
    strike: () => undefined,
    isLiving: true,
    most: { "soft-reboot": 1, "power-off": 2, "power-on": 4 },
  },
  {
    name: "hard reboot",
    hasProvider: true,
    ladder: "hard-reboot, power-cycle",
    strike: () => undefined,
    isLiving: true,
    most: { "hard-reboot": 1, "power-off": 2, "power-on": 4 },
  },
  {
    name: "rebuild",
    hasProvider: true,
    ladder: "rebuild",
    strike: (it) => it.hang(),
    most: { rebuild: 1, "power-off": 1, "power-on": 3 },
  },
  {
    name: "replace",
    hasProvider: true,
    ladder: "replace",
    strike: (it) => it.hang(),
    most: { replace: 1, "power-off": 1, "power-on": 0 },
  },
  {
    name: "replace with a successor of another name",
    hasProvider: true,
    ladder: "replace",
    replacing: { nameOf: (old) => `${old}-2` },
    strike: (it) => it.hang(),
    most: { replace: 1, "power-off": 1 },
  },
  {
    name: "replace with a successor of the same name",
    hasProvider: true,
    ladder: "replace",
    replacing: { nameOf: (old) => old },
    strike: (it) => it.hang(),
    most: { replace: 1, "power-off": 1 },
  },
  {
    name: "unproven",
    hasProvider: false,
    extraConfig: "fencing: {accept-unproven: true}",
    strike: (it) => it.kill(),
    comeBack: (it) => void it.powerOn(),
    most: {},
  },
];

/** Where the acting replica dies, or loses an answer. */
export type Blow =
  | { readonly at: "write"; readonly number: number; readonly how: "before" | "after" | "lost" | "reset" }
  | { readonly at: "call"; readonly number: number; readonly how: "before" | "after" };

export function describeBlow(blow: Blow): string {
  return `${blow.how === "lost" ? "answer lost at" : blow.how === "reset" ? "connection cut before" : `killed ${blow.how}`} ${blow.at} ${blow.number}`;
}
