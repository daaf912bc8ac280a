import type { Finding, LeaseSight, NodeFacts, NodeName, PowerReading, Role } from "../core/model.ts";
import type { MonoMs, Now } from "../core/time.ts";
import type { PassiveCheck } from "../plugin-api/health-check.ts";
import type { Log } from "../ports/log.ts";
import type { Meter } from "../ports/meter.ts";

/** A configured passive check. */
export interface PassiveSpec {
  readonly id: string;
  readonly role: Role;
  readonly unhealthyDurationMs: number;
  readonly check: PassiveCheck;
  /** It judges what the provider says, who is then asked this often; absent: it does not. */
  readonly asksPowerEveryMs?: number;
}

/** Runs the passive checks and remembers since when each has failed, on our own clock. */
export class PassiveFindings {
  readonly #specs: readonly PassiveSpec[];
  readonly #log: Log;
  readonly #meter: Meter;
  readonly #since = new Map<string, MonoMs>();

  constructor(specs: readonly PassiveSpec[], log: Log, meter: Meter) {
    this.#specs = specs;
    this.#log = log;
    this.#meter = meter;
  }

  /** Nothing could be read for a while: all ages begin anew. */
  restart(): void {
    this.#since.clear();
  }

  /** All failing passive checks, by node. A check that throws says `unknown`, which is no finding. */
  findings(
    nodes: Iterable<NodeFacts>,
    leaseOf: (node: NodeName) => LeaseSight | undefined,
    now: Now,
    powerOf: (node: NodeName) => PowerReading | undefined = () => undefined,
  ): ReadonlyMap<NodeName, readonly Finding[]> {
    const found = new Map<NodeName, readonly Finding[]>();
    const stillFailing = new Set<string>();
    for (const node of nodes) {
      const ofNode: Finding[] = [];
      for (const spec of this.#specs) {
        if (spec.role !== node.role) continue;
        const finding = this.#judge(spec, node, leaseOf(node.name), now, powerOf(node.name));
        if (finding === undefined) continue;
        stillFailing.add(`${node.uid}/${spec.id}`);
        ofNode.push(finding);
      }
      if (ofNode.length > 0) found.set(node.name, ofNode);
    }
    for (const key of this.#since.keys()) if (!stillFailing.has(key)) this.#since.delete(key);
    return found;
  }

  #judge(
    spec: PassiveSpec,
    node: NodeFacts,
    lease: LeaseSight | undefined,
    now: Now,
    power: PowerReading | undefined,
  ): Finding | undefined {
    try {
      const result = spec.check.evaluate(node, lease, now, power);
      if (result.verdict !== "fail") return undefined;
      const key = `${node.uid}/${spec.id}`;
      // A condition that changes from one bad value to another (False to Unknown) goes on failing.
      const sinceMonoMs = Math.min(result.sinceMonoMs ?? now.monoMs, this.#since.get(key) ?? now.monoMs);
      this.#since.set(key, sinceMonoMs);
      return { check: spec.id, message: result.message, sinceMonoMs, unhealthyDurationMs: spec.unhealthyDurationMs };
    } catch (error) {
      this.#meter.count("aceso_check_errors_total", { check: spec.id });
      this.#log.error({ err: error, check: spec.id, node: node.name }, "the check threw; it counts as unknown");
      return undefined;
    }
  }
}
