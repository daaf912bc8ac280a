import { randomUUID } from "node:crypto";
import type { Role } from "../../../src/core/model.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { KubeletHost } from "../hollow/kubelet-host.ts";
import type { CloudServer } from "../openstack-cloud.ts";

export interface ServerMachineOptions {
  readonly role: Role;
  readonly clock: Clock;
  /** From power on to a running kubelet. */
  readonly bootMs: number;
  /** `openstack:///` and the server's id where nothing is said. */
  readonly providerID?: string | undefined;
}

/** What the system in the server does. */
export type Kernel = "booting" | "up" | "hung" | "off";

const running = 1;
/** Power states in which nothing is left in memory: none, off, crashed. */
const withoutMemory: readonly number[] = [0, 4, 6];

/**
 * The machine inside a Nova server, as far as a kubelet needs one. It runs while the server is ACTIVE with power state 1,
 * and each boot of the server gives it a new boot ID.
 */
export class ServerMachine implements KubeletHost {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly clock: Clock;
  readonly providerID: string;
  bootId: string = randomUUID();
  readonly #bootMs: number;
  #boots = -1;
  #kernel: Kernel = "off";
  #isFrozen = false;
  #isKubeletRunning = true;
  #boot = new AbortController();
  readonly #listeners = new Set<() => void>();

  constructor(server: CloudServer, options: ServerMachineOptions) {
    this.id = server.id;
    this.name = server.name;
    this.role = options.role;
    this.clock = options.clock;
    this.providerID = options.providerID ?? `openstack:///${server.id}`;
    this.#bootMs = options.bootMs;
    this.see(server);
  }

  get systemUUID(): string {
    return this.id;
  }

  get isTalking(): boolean {
    return this.#kernel === "up" && !this.#isFrozen && this.#isKubeletRunning;
  }

  get kernel(): Kernel {
    return this.#kernel;
  }

  /** Whether something at its address answers. */
  get answersNetwork(): boolean {
    return this.#kernel === "up" && !this.#isFrozen;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes over what the cloud says of the server now; undefined: it is gone. */
  see(server: CloudServer | undefined): void {
    const isRunning = server?.status === "ACTIVE" && server.powerState === running;
    if (server === undefined || withoutMemory.includes(server.powerState)) this.#goOff();
    else if (isRunning && server.boots !== this.#boots) this.#begin(server.boots);
    this.#freeze(!isRunning);
  }

  /** Its kubelet stops until the next boot; the kernel goes on. */
  stopKubelet(): void {
    this.#isKubeletRunning = false;
    this.#tell();
  }

  startKubelet(): void {
    this.#isKubeletRunning = true;
    this.#tell();
  }

  /** Nothing in it works any more until the next boot; the cloud sees a running server. */
  hang(): void {
    if (this.#kernel === "up") this.#kernel = "hung";
    this.#tell();
  }

  #goOff(): void {
    this.#boot.abort();
    if (this.#kernel === "off") return;
    this.#kernel = "off";
    this.#tell();
  }

  /** A server that is neither running nor off keeps its memory: paused, suspended, or in the middle of a task. */
  #freeze(isFrozen: boolean): void {
    if (isFrozen === this.#isFrozen) return;
    this.#isFrozen = isFrozen;
    this.#tell();
  }

  #begin(boots: number): void {
    this.#boots = boots;
    this.#boot.abort();
    this.#boot = new AbortController();
    this.#kernel = "booting";
    this.#tell();
    const { signal } = this.#boot;
    this.clock.sleep(this.#bootMs, signal).then(
      () => this.#up(signal),
      () => {}, // something else became of it
    );
  }

  #up(signal: AbortSignal): void {
    if (signal.aborted) return;
    this.bootId = randomUUID();
    this.#kernel = "up";
    this.#isKubeletRunning = true;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
