import { createHash, randomUUID } from "node:crypto";
import type { PowerState, Role } from "../../../src/core/model.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { KubeletHost } from "./kubelet-host.ts";

export interface MachineOptions {
  /** Of the machine and of its node. */
  readonly name: string;
  readonly clock: Clock;
  readonly role?: Role;
  /** What its owner calls it, `vm-` and the name where nothing is said. */
  readonly id?: string;
  /** From power on to a running kubelet, 2 s where nothing is said. */
  readonly bootMs?: number;
  /** How long switching off takes (`changing` meanwhile), 0 where nothing is said. */
  readonly powerOffMs?: number;
}

/**
 * A machine that exists only as a few facts: power, kernel, network, kubelet. A HollowKubelet lives on it and a network
 * face shows it; both follow `onChange`. New machines run.
 */
export class Machine implements KubeletHost {
  readonly name: string;
  readonly role: Role;
  readonly clock: Clock;
  readonly bootMs: number;
  readonly powerOffMs: number;
  /** What its owner calls it; changes with `replace`. */
  id: string;
  systemUUID: string;
  bootId: string = randomUUID();
  bootedAtWallMs: number;
  #power: PowerState = "on";
  #kernel: "up" | "hung" | "down" = "up";
  #isKubeletRunning = true;
  #isConnected = true;
  #change = new AbortController();
  readonly #listeners = new Set<() => void>();

  constructor(options: MachineOptions) {
    this.name = options.name;
    this.role = options.role ?? "worker";
    this.clock = options.clock;
    this.bootMs = options.bootMs ?? 2_000;
    this.powerOffMs = options.powerOffMs ?? 0;
    this.id = options.id ?? `vm-${options.name}`;
    this.systemUUID = uuidOf(this.id);
    this.bootedAtWallMs = options.clock.now().wallMs;
  }

  get providerID(): string {
    return `hollow:///${this.id}`;
  }

  /** What its owner would say. */
  get power(): PowerState {
    return this.#power;
  }

  /** Its kubelet runs and reaches the API. */
  get isTalking(): boolean {
    return this.#kernel === "up" && this.#isConnected && this.#isKubeletRunning;
  }

  get isHung(): boolean {
    return this.#kernel === "hung";
  }

  /** What others see who connect to its address. */
  get face(): "alive" | "refused" | "mute" {
    if (this.#kernel !== "up" || !this.#isConnected) return "mute";
    return this.#isKubeletRunning ? "alive" : "refused";
  }

  /** Called after each change. @returns what ends it */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The plug is pulled: off at once, whatever it was doing. */
  kill(): void {
    this.#begin();
    this.#kernel = "down";
    this.#power = "off";
    this.#tell();
  }

  /** Powered on, and nothing works any more until it is powered off. */
  hang(): void {
    this.#kernel = "hung";
    this.#tell();
  }

  /** Its kubelet stops; the kernel goes on and refuses connections. */
  killKubelet(): void {
    this.#isKubeletRunning = false;
    this.#tell();
  }

  startKubelet(): void {
    this.#isKubeletRunning = true;
    this.#tell();
  }

  /** The cable is cut: it runs on, and nobody hears of it. */
  partition(): void {
    this.#isConnected = false;
    this.#tell();
  }

  reconnect(): void {
    this.#isConnected = true;
    this.#tell();
  }

  /** Resolves when it is off, or when something else was done to it meanwhile. */
  async powerOff(): Promise<void> {
    if (this.#power === "off") return;
    const signal = this.#begin();
    this.#kernel = "down";
    this.#power = this.powerOffMs > 0 ? "changing" : "off";
    this.#tell();
    if (!(await this.#passes(this.powerOffMs, signal))) return;
    this.#power = "off";
    this.#tell();
  }

  /** Resolves when its kubelet runs, or when something else was done to it meanwhile. Does nothing when it is on. */
  async powerOn(): Promise<void> {
    if (this.#power === "on") return;
    const signal = this.#begin();
    this.#power = "on";
    this.#tell();
    await this.#boot(signal);
  }

  /** Soft: only a living kernel obeys. Hard: as by the reset button; the power never reads off. */
  async reboot(kind: "soft" | "hard"): Promise<void> {
    if (this.#power !== "on" || (kind === "soft" && this.#kernel !== "up")) return;
    const signal = this.#begin();
    this.#kernel = "down";
    this.#tell();
    await this.#boot(signal);
  }

  /** A new disk in the same machine (`rebuild`), or another machine in its place (`replace`). */
  async renew(kind: "rebuild" | "replace"): Promise<void> {
    this.kill();
    if (kind === "replace") {
      this.id = `vm-${this.name}-${randomUUID().slice(0, 8)}`;
      this.systemUUID = uuidOf(this.id);
    }
    await this.powerOn();
  }

  async #boot(signal: AbortSignal): Promise<void> {
    if (!(await this.#passes(this.bootMs, signal))) return;
    this.bootId = randomUUID();
    this.bootedAtWallMs = this.clock.now().wallMs;
    this.#kernel = "up";
    this.#isKubeletRunning = true;
    this.#tell();
  }

  /** A new act ends the one under way. */
  #begin(): AbortSignal {
    this.#change.abort();
    this.#change = new AbortController();
    return this.#change.signal;
  }

  async #passes(ms: number, signal: AbortSignal): Promise<boolean> {
    if (ms > 0) await this.clock.sleep(ms, signal).catch(() => {});
    return !signal.aborted;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
