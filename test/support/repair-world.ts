import type { NodeFacts } from "../../src/core/model.ts";
import { marksAnnotation, outOfServiceTaint } from "../../src/core/view.ts";
import { node, ready } from "./core-builders.ts";

/** Repeatable chance: the same seed gives the same run (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What becomes of a machine that boots: it is well, its kubelet never comes up, or it posts its boot ID and dies. */
export type BootLuck = "well" | "mute" | "dies-after-boot";

/** One machine, its kubelet, its Node and its pods, moved by a clock of milliseconds. Pure: no timers, no I/O. */
export class RepairWorld {
  atMs = 0;
  power: "on" | "off" | "changing" = "on";
  boot = 1;
  isGone = false;
  isKubeletAlive = false;
  leaseVersion = 0;
  node: NodeFacts | undefined = node("n1");
  pods = 3;
  terminating = 0;
  attachments = 2;
  readonly #random: () => number;
  readonly #planned: { atMs: number; act: () => void }[] = [];
  readonly luck: () => BootLuck;

  constructor(random: () => number, luck: () => BootLuck) {
    this.#random = random;
    this.luck = luck;
  }

  get isTainted(): boolean {
    return this.node?.taints.some((it) => it.key === outOfServiceTaint.key) === true;
  }

  /** Moves time on in steps of a second: kubelets renew every 10 s, planned changes happen, pods go. */
  pass(ms: number): void {
    const endMs = this.atMs + ms;
    while (this.atMs < endMs) {
      const before = this.atMs;
      this.atMs = Math.min(endMs, this.atMs + 1_000);
      for (const it of this.#planned.filter((change) => change.atMs <= this.atMs)) {
        this.#planned.splice(this.#planned.indexOf(it), 1);
        it.act();
      }
      if (Math.floor(before / 10_000) !== Math.floor(this.atMs / 10_000)) this.#everyTenSeconds();
    }
  }

  #everyTenSeconds(): void {
    if (this.isKubeletAlive && this.power === "on" && this.node !== undefined) this.leaseVersion += 1;
    if (this.isTainted) {
      const gone = this.terminating;
      this.terminating = this.pods - gone;
      this.pods -= gone;
    }
    if (this.pods === 0) this.attachments = 0;
  }

  deleteAllPods(): void {
    this.pods = 0;
    this.terminating = 0;
  }

  after(ms: number, act: () => void): void {
    this.#planned.push({ atMs: this.atMs + ms, act });
  }

  /** The kubelet dies; Ready turns Unknown 40 s later, as the node controller does it. */
  fallSilent(): void {
    this.isKubeletAlive = false;
    this.after(40_000, () => {
      if (!this.isKubeletAlive) this.patch({ conditions: [ready("Unknown")] });
    });
  }

  switchOff(): void {
    if (this.power === "off" || this.isGone) return;
    this.power = "changing";
    this.isKubeletAlive = false;
    this.after(1_000 + this.#random() * 15_000, () => {
      if (this.power !== "changing") return;
      this.power = "off";
      this.fallSilent();
    });
  }

  /** The machine exists no more; what is planned for it comes to nothing. */
  destroy(): void {
    this.isGone = true;
    this.isKubeletAlive = false;
    this.boot += 1;
    this.power = "off";
  }

  switchOn(): void {
    if (this.power === "on" || this.isGone) return;
    this.power = "on";
    this.#boots();
  }

  /** A person pulls the plug and puts it back. */
  cyclePower(): void {
    this.isKubeletAlive = false;
    this.power = "off";
    this.switchOn();
  }

  restart(): void {
    this.isKubeletAlive = false;
    if (this.power === "on") this.#boots();
  }

  #boots(): void {
    this.boot += 1;
    const { boot } = this;
    const luck = this.luck();
    if (luck === "mute") {
      this.fallSilent();
      return;
    }
    this.after(5_000 + this.#random() * 20_000, () => {
      if (this.power !== "on" || this.boot !== boot) return;
      this.isKubeletAlive = true;
      this.leaseVersion += 1;
      this.node ??= node("n1", { uid: `uid-after-${boot}` });
      this.patch({ bootID: `boot-${boot}`, conditions: [ready("True")] });
      if (luck === "dies-after-boot") this.after(this.#random() * 20_000, () => this.fallSilent());
    });
  }

  patch(changes: Partial<NodeFacts>): void {
    if (this.node === undefined) return;
    const isUnschedulable = changes.isUnschedulable ?? this.node.isUnschedulable;
    const unschedulableSinceMonoMs = isUnschedulable ? this.atMs : undefined;
    this.node = { ...this.node, ...changes, isUnschedulable, unschedulableSinceMonoMs };
  }

  setTaint(isOn: boolean): void {
    this.patch({ taints: isOn ? [outOfServiceTaint] : [] });
  }

  setMarks(text: string | undefined): void {
    const { [marksAnnotation]: _old, ...rest } = this.node?.annotations ?? {};
    this.patch({ annotations: text === undefined ? rest : { ...rest, [marksAnnotation]: text } });
  }
}
