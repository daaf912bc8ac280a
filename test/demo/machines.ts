import type { MachineState } from "./picture.ts";

/** Who owns the machines: the provider that Aceso asks. */
export const providers = ["exec", "openstack"] as const;
export type ProviderName = (typeof providers)[number];

/** What the owner was asked and said, for the news. */
export type OnWord = (who: string, text: string) => void;

/** The machines under the simulated cluster, by the names of their nodes, and what can be done to them. */
export interface Machines extends AsyncDisposable {
  /** Masters first. */
  readonly names: readonly string[];
  /** Keys of config.yaml that tell Aceso of their owner. */
  readonly config: Readonly<Record<string, unknown>>;
  /** One that does not exist any more is `off`. */
  state(name: string): MachineState;
  /** Called after each change of a machine's state. */
  onChange(listener: (name: string) => void): void;
  onWord(listener: OnWord): void;
  /** It is off at once. */
  pullPlug(name: string): void;
  /** @throws Error when its owner refuses */
  switchOn(name: string): Promise<void>;
  /** It stays on and does nothing any more. Only for one that is `on`. */
  hang(name: string): void;
}

/** Pods without a toleration keep away from masters. */
export const masterTaint = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };
