import {
  type Act,
  type Capability,
  capabilities,
  type HealthReport,
  type Interlock,
  type PowerAnswer,
  type Provider,
  ProviderError,
} from "../../src/plugin-api/index.ts";
import type { Machine } from "./hollow/machine.ts";
import type { HollowReplacer } from "./hollow-replacer.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** One call that reached the machines' owner. */
export interface ProviderCall {
  readonly operation: string;
  readonly machine: string;
  readonly id: string;
  readonly atMonoMs: number;
}

/** How a call goes wrong. `lost`: done, but the caller never hears of it. `refused`: certainly not done. */
export type ProviderFault = "lost" | "refused" | "give-up" | "ask-operator";

/** A provider in this process whose machines are hollow ones. Faults are taken in order, by operation. */
export class MachineProvider implements Provider {
  readonly id = "hollow";
  readonly capabilities: readonly Capability[] = capabilities;
  readonly calls: ProviderCall[] = [];
  readonly faults = new Map<string, ProviderFault[]>();
  /** What observing answers instead of the truth. */
  isReadable = true;
  /** What every machine reads instead of the truth, as the owner tells it. */
  observed: PowerAnswer | undefined;
  /** How often each question was asked. */
  readonly asked = { observe: 0, interlock: 0, survey: 0 };
  /** Follows replacements where there is one; without it another machine stands in the old one's place at once. */
  replacement?: HollowReplacer;
  interlock?: NonNullable<Provider["interlock"]>;
  survey?: NonNullable<Provider["survey"]>;
  watch?: NonNullable<Provider["watch"]>;
  /** Who is told of power at present. */
  readonly watchers = new Set<(machine: string) => void>();
  reportHealth?: (report: HealthReport) => Promise<void>;
  /** Told before and after each act, with its number from 1. */
  onCall: ((stage: "before" | "after", number: number) => void) | undefined;
  readonly #machines: () => readonly Machine[];
  readonly #clock: VirtualClock;

  constructor(machines: () => readonly Machine[], clock: VirtualClock) {
    this.#machines = machines;
    this.#clock = clock;
  }

  defaultLadder() {
    return ["power-cycle"] as const;
  }

  async identify(node: { providerID: string; systemUUID: string }) {
    const isIt = (it: Machine) => it.providerID === node.providerID || it.systemUUID === node.systemUUID;
    return this.#machines().find(isIt)?.id;
  }

  /** Interlocks from now on: what `say` answers or throws. */
  lock(say: () => Interlock | undefined): void {
    this.interlock = async () => {
      this.asked.interlock += 1;
      return say();
    };
  }

  /** Tells by itself from now on: of every change of a machine's power. */
  tellOfPower(): void {
    this.watch = async (onHint, signal) => {
      const powers = new Map(this.#machines().map((it) => [it, it.power]));
      const stop = [...powers.keys()].map((it) =>
        it.onChange(() => {
          if (powers.get(it) === it.power) return;
          powers.set(it, it.power);
          onHint(it.id);
        }),
      );
      this.watchers.add(onHint);
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      this.watchers.delete(onHint);
      for (const it of stop) it();
    };
  }

  /** Tells of any machine, whether or not something happened to it. */
  hint(machine: string): void {
    for (const told of this.watchers) told(machine);
  }

  async observe(id: string): Promise<PowerAnswer> {
    this.asked.observe += 1;
    if (this.observed !== undefined) return this.observed;
    if (!this.isReadable) throw new ProviderError(`observing ${id}: no answer`, "retry");
    const machine = this.#machines().find((it) => it.id === id);
    if (machine === undefined && this.replacement !== undefined) return { power: "off", text: "gone" };
    if (machine === undefined) return { power: "unknown" as const, text: "no such machine" };
    return { power: machine.power, text: `hollow ${machine.power}` };
  }

  powerOff(act: Act) {
    return this.#do("power-off", act, (machine) => machine.powerOff());
  }

  powerOn(act: Act) {
    return this.#do("power-on", act, (machine) => machine.powerOn());
  }

  reboot(act: Act, kind: "soft" | "hard") {
    return this.#do(`${kind}-reboot`, act, (machine) => machine.reboot(kind));
  }

  rebuild(act: Act) {
    return this.#do("rebuild", act, (machine) => machine.renew("rebuild"));
  }

  replace(act: Act) {
    const { replacement } = this;
    if (replacement === undefined) return this.#do("replace", act, (machine) => machine.renew("replace"));
    return this.#do("replace", act, async (machine) => replacement.begin(machine.id));
  }

  /** How often an operation reached a machine. */
  count(operation: string): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  /** The act goes on by itself; accepted is enough. */
  async #do(operation: string, act: Act, work: (machine: Machine) => Promise<void>): Promise<void> {
    await act.mayAct();
    const number = this.calls.length + 1;
    this.onCall?.("before", number);
    act.signal.throwIfAborted();
    const fault = this.faults.get(operation)?.shift();
    if (fault === "refused") throw new ProviderError(`${operation}: refused`, "retry");
    if (fault === "give-up" || fault === "ask-operator") throw new ProviderError(`${operation}: cannot be done`, fault);
    const machine = this.#machines().find((it) => it.id === act.machine);
    if (machine === undefined) throw new ProviderError(`${operation}: no machine ${act.machine}`, "ask-operator");
    this.calls.push({ operation, machine: act.machine, id: act.id, atMonoMs: this.#clock.now().monoMs });
    void work(machine);
    this.onCall?.("after", number);
    if (fault === "lost") throw new ProviderError(`${operation}: the answer was lost`, "re-read");
  }
}
