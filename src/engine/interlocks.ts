import { messageOf } from "../core/errors.ts";
import type { MachineId, NodeName } from "../core/model.ts";
import type { MonoMs } from "../core/time.ts";
import type { InterlockSight } from "../core/view.ts";
import type { NodeIdentity, Provider } from "../plugin-api/provider.ts";
import type { Clock } from "../ports/clock.ts";
import { askTimeoutMs, NonsenseError, shown } from "./plugin-answer.ts";

type Ask = NonNullable<Provider["interlock"]>;
type Locked = Extract<InterlockSight, { kind: "locked" }>;

const widths: readonly Locked["stops"][] = ["destruction", "machine", "everything"];
const mostBecause = 512;

/** What the machines' owner forbids, as last asked. Lives one term: what an earlier leader was told counts for nothing. */
export class Interlocks {
  readonly #id: string;
  readonly #ask: Ask;
  readonly #clock: Clock;
  readonly #sights = new Map<NodeName, InterlockSight>();
  readonly #askedAt = new Map<NodeName, MonoMs>();
  /** The last answers that could be read. */
  readonly #answered = new Map<NodeName, InterlockSight>();

  /** Undefined where the provider knows no interlocks. */
  static of(provider: Provider, clock: Clock): Interlocks | undefined {
    if (provider.interlock === undefined) return undefined;
    return new Interlocks(provider.id, provider.interlock.bind(provider), clock);
  }

  constructor(id: string, ask: Ask, clock: Clock) {
    this.#id = id;
    this.#ask = ask;
    this.#clock = clock;
  }

  sights(): ReadonlyMap<NodeName, InterlockSight> {
    return this.#sights;
  }

  /** What was read is too old from now on; that it was read once is remembered. */
  forget(node: NodeName): void {
    this.#sights.delete(node);
    this.#askedAt.delete(node);
  }

  /** Asks, unless the last answer is younger than `maxAgeMs`. What cannot be read is kept as a no. Never throws. */
  async look(machine: MachineId, node: NodeIdentity, maxAgeMs: number, signal: AbortSignal): Promise<void> {
    const last = this.#askedAt.get(node.name);
    const askedAt = this.#clock.now().monoMs;
    if (last !== undefined && askedAt - last < maxAgeMs) return;
    const sight = await this.#answer(machine, node, signal);
    this.#sights.set(node.name, sight);
    this.#askedAt.set(node.name, askedAt);
  }

  async #answer(machine: MachineId, node: NodeIdentity, signal: AbortSignal): Promise<InterlockSight> {
    using deadline = this.#clock.deadline(askTimeoutMs, signal);
    try {
      const answer = sightOf(await this.#ask(machine, node, deadline.signal), this.#id);
      this.#answered.set(node.name, answer);
      return answer;
    } catch (error) {
      const because = `It could not be asked (${messageOf(error)})`.slice(0, mostBecause);
      const before = this.#answered.get(node.name);
      const isWide = before === undefined || (before.kind === "locked" && before.stops === "everything");
      return { kind: "locked", stops: isWide ? "everything" : "machine", because };
    }
  }
}

/** @throws NonsenseError when the plugin answers outside its types */
function sightOf(answer: unknown, id: string): InterlockSight {
  if (answer === undefined) return { kind: "none" };
  const { stops, because } = (answer ?? {}) as Partial<Record<string, unknown>>;
  const width = widths.find((it) => it === stops);
  if (width === undefined || typeof because !== "string") {
    const allowed = `stops must be one of ${widths.join(", ")}, and because a text`;
    throw new NonsenseError(`${id} answered ${shown(answer)}; ${allowed}`);
  }
  return { kind: "locked", stops: width, because: because.slice(0, mostBecause) };
}
