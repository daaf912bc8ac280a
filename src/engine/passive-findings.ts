import type { Finding, LeaseSight, NodeFacts, NodeName, NodeUid, PowerReading, Role } from "../core/model.ts";
import type { Now } from "../core/time.ts";
import type { CheckResult, PassiveCheck } from "../plugin-api/health-check.ts";
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
  /** As found last, by Node: another uid is another Node. */
  #failing: ReadonlyMap<NodeUid, readonly Finding[]> = new Map();

  constructor(specs: readonly PassiveSpec[], log: Log, meter: Meter) {
    this.#specs = specs;
    this.#log = log;
    this.#meter = meter;
  }

  /** Nothing could be read for a while: all ages begin anew. */
  restart(): void {
    this.#failing = new Map();
  }

  /** All failing passive checks, by node. A check that throws says `unknown`, which is no finding. */
  findings(
    nodes: Iterable<NodeFacts>,
    leaseOf: (node: NodeName) => LeaseSight | undefined,
    now: Now,
    powerOf: (node: NodeName) => PowerReading | undefined = () => undefined,
  ): ReadonlyMap<NodeName, readonly Finding[]> {
    const found = new Map<NodeName, readonly Finding[]>();
    const failing = new Map<NodeUid, readonly Finding[]>();
    for (const node of nodes) {
      const lease = leaseOf(node.name);
      const power = powerOf(node.name);
      const before = this.#failing.get(node.uid);
      const ofNode: Finding[] = [];
      for (const spec of this.#specs) {
        if (spec.role !== node.role) continue;
        const result = this.#failureOf(spec, node, lease, now, power);
        if (result !== undefined) ofNode.push(findingOf(spec, result, before, now));
      }
      if (ofNode.length === 0) continue;
      found.set(node.name, ofNode);
      failing.set(node.uid, ofNode);
    }
    this.#failing = failing;
    return found;
  }

  #failureOf(
    spec: PassiveSpec,
    node: NodeFacts,
    lease: LeaseSight | undefined,
    now: Now,
    power: PowerReading | undefined,
  ): CheckResult | undefined {
    try {
      const result = spec.check.evaluate(node, lease, now, power);
      return result.verdict === "fail" ? result : undefined;
    } catch (error) {
      this.#meter.count("aceso_check_errors_total", { check: spec.id });
      this.#log.error({ err: error, check: spec.id, node: node.name }, "the check threw; it counts as unknown");
      return undefined;
    }
  }
}

/** A condition that changes from one bad value to another (False to Unknown) goes on failing. */
function findingOf(
  { id, unhealthyDurationMs }: PassiveSpec,
  { message, sinceMonoMs }: CheckResult,
  before: readonly Finding[] | undefined,
  now: Now,
): Finding {
  const known = before?.find((it) => it.check === id)?.sinceMonoMs ?? now.monoMs;
  return { check: id, message, sinceMonoMs: Math.min(sinceMonoMs ?? now.monoMs, known), unhealthyDurationMs };
}
