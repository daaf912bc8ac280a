import { messageOf } from "../core/errors.ts";
import { type MonoMs, type Now, secondMs } from "../core/time.ts";
import type { LeaderSight, Leadership, Term } from "../ports/leadership.ts";
import type { Log } from "../ports/log.ts";
import {
  type LeaderLease,
  type LeaseSeen,
  leaderSight,
  seeLease,
  takeableInMs,
  takenSpec,
  toLeaderLease,
} from "./lease-object.ts";
import { LeaseTerm, safetyMs } from "./lease-term.ts";
import { microTime } from "./micro-time.ts";
import { leasesPath, objectPath } from "./paths.ts";
import { Reflector } from "./reflector.ts";
import { RepeatedProblem } from "./repeated-problem.ts";
import { isOlder } from "./resource-version.ts";
import type { KubeRest } from "./rest.ts";
import { ConflictError, NotFoundError } from "./status-error.ts";
import type { KubeObject } from "./wire.ts";

export interface ElectorOptions {
  readonly namespace: string;
  readonly name: string;
  /** Unique for each start of a replica, as `<pod>_<random>`. */
  readonly identity: string;
  /** How long a lease holds without renewal. Whole seconds. */
  readonly durationMs: number;
  readonly renewEveryMs: number;
  /** Longest time without a renewal before the leader gives up by itself; 2 s less than the duration where absent. */
  readonly renewDeadlineMs?: number;
}

const resource = "leases";

/** Leader election over a Lease. Followers watch it, so that a lease given away is taken within a moment. */
export class LeaseElector implements Leadership {
  readonly #rest: KubeRest;
  readonly #log: Log;
  readonly #options: ElectorOptions;
  readonly #reflector: Reflector<LeaderLease>;
  readonly #taking: RepeatedProblem;
  readonly #renewing: RepeatedProblem;
  #seen: LeaseSeen | undefined;
  #abstainUntil: MonoMs = 0;

  constructor(rest: KubeRest, log: Log, options: ElectorOptions) {
    this.#rest = rest;
    this.#log = log;
    this.#options = options;
    const { namespace, name } = options;
    this.#taking = new RepeatedProblem(rest.parts.clock, log, "taking the leader's Lease");
    this.#renewing = new RepeatedProblem(rest.parts.clock, log, "renewing the leader's Lease");
    this.#reflector = new Reflector(rest, log, {
      path: leasesPath(namespace),
      resource: "leader-lease",
      fieldSelector: `metadata.name=${name}`,
      project: (object) => this.#seeShown(object),
      onRemove: () => {
        this.#seen = undefined;
      },
    });
  }

  get identity(): string {
    return this.#options.identity;
  }

  get holder(): string | undefined {
    return this.#seen?.lease.holder || undefined;
  }

  sight(now: Now): LeaderSight | undefined {
    return leaderSight(this.#seen, now);
  }

  async run(lead: (term: Term) => Promise<void>, signal: AbortSignal): Promise<void> {
    const watching = this.#reflector.run(signal);
    while (!signal.aborted) {
      const term = await this.#waitForTerm(signal);
      if (term !== undefined) await this.#serve(term, lead, signal);
    }
    await watching;
  }

  async #serve(term: LeaseTerm, lead: (term: Term) => Promise<void>, signal: AbortSignal): Promise<void> {
    const onStop = () => term.end("this replica stops");
    if (signal.aborted) onStop();
    signal.addEventListener("abort", onStop, { once: true });
    this.#log.info({ transitions: term.transitions, handedOver: term.wasHandedOver }, "leads");
    const keeping = Promise.all([this.#renewals(term), term.watchOver()]);
    try {
      if (!term.signal.aborted) await lead(term);
    } catch (error) {
      this.#log.error({ err: error }, "the leader's work ended with an error");
    } finally {
      term.end("the leader's work ended");
      await keeping;
      signal.removeEventListener("abort", onStop);
    }
    this.#abstainUntil = this.#rest.parts.clock.now().monoMs + term.abstainMs;
    this.#log.info({ transitions: term.transitions, why: messageOf(term.signal.reason) }, "leads no more");
    await this.#giveAway();
  }

  /** Waits until the Lease may be taken, and takes it; undefined after a vain try or on the way out. */
  async #waitForTerm(signal: AbortSignal): Promise<LeaseTerm | undefined> {
    const { clock } = this.#rest.parts;
    const now = clock.now().monoMs;
    const isBlind = !this.#reflector.isSynced;
    const waitMs = Math.max(this.#takeableInMs(now), this.#abstainUntil - now);
    if (!isBlind && waitMs > 0) {
      await this.#changeOr(waitMs, signal);
      return undefined;
    }
    try {
      const term = await this.#take(signal);
      this.#taking.worked();
      if (term === undefined) await this.#changeOr(isBlind || waitMs > 0 ? secondMs : 250, signal);
      return term;
    } catch (error) {
      // A conflict is another candidate that was faster.
      if (!signal.aborted && !(error instanceof ConflictError)) this.#taking.failed(error);
      await this.#changeOr(secondMs, signal);
      return undefined;
    }
  }

  /** One try on a live read. Undefined: somebody else holds it. */
  async #take(signal: AbortSignal): Promise<LeaseTerm | undefined> {
    const { clock } = this.#rest.parts;
    const { durationMs, identity } = this.#options;
    const before = await this.#read(signal);
    const now = clock.now();
    if (now.monoMs < this.#abstainUntil || this.#takeableInMs(now.monoMs) > 0) return undefined;
    const transitions = before === undefined ? 0 : before.transitions + 1;
    const spec = takenSpec(identity, durationMs, transitions, now.wallMs);
    await this.#write(before, spec, durationMs - safetyMs, signal);
    const { renewDeadlineMs = durationMs - safetyMs } = this.#options;
    const wasHandedOver = before?.holder === "";
    return new LeaseTerm({ transitions, wasHandedOver, durationMs, renewDeadlineMs, sentAt: now }, clock);
  }

  /** A Lease in our own name outside a term is a take whose answer was lost. */
  #takeableInMs(now: MonoMs): number {
    return this.#seen?.lease.holder === this.identity ? 0 : takeableInMs(this.#seen, now);
  }

  async #renewals(term: LeaseTerm): Promise<void> {
    const { clock } = this.#rest.parts;
    const { renewEveryMs, identity, durationMs } = this.#options;
    let waitMs = renewEveryMs;
    while (!term.signal.aborted) {
      await clock.sleep(waitMs, term.signal).catch(() => undefined);
      if (term.signal.aborted) return;
      const sentAt = clock.now();
      try {
        const lease = await this.#renew(sentAt, term.signal);
        if (lease.holder !== identity) return term.end(`the lease is now held by ${lease.holder || "nobody"}`);
        term.renewed(sentAt);
        this.#renewing.worked();
        waitMs = Math.max(0, renewEveryMs - (clock.now().monoMs - sentAt.monoMs));
      } catch (error) {
        if (error instanceof NotFoundError) return term.end("the Lease was deleted");
        if (!term.signal.aborted) this.#renewing.failed(error);
        waitMs = Math.min(secondMs, durationMs / 10);
      }
    }
  }

  /** Writes a renewal. A conflict or lost answer is read back; what comes back is what the Lease says now. */
  async #renew(sentAt: Now, signal: AbortSignal): Promise<LeaderLease> {
    const known = this.#seen?.lease;
    if (known !== undefined && known.holder !== this.identity) return known;
    const spec = { renewTime: microTime(sentAt.wallMs) };
    const deadlineMs = this.#options.renewEveryMs;
    try {
      if (known !== undefined) return await this.#write(known, spec, deadlineMs, signal);
      throw new Error("the Lease was not seen yet");
    } catch (error) {
      const found = await this.#read(signal);
      if (found === undefined) throw error;
      if (found.holder !== this.identity) return found;
      // Ours still, whoever touched it: written anew over the version just read.
      return await this.#write(found, spec, deadlineMs, signal);
    }
  }

  /** Followers take it at once: nobody holds it, and its duration is the shortest there is. */
  async #giveAway(): Promise<void> {
    const stopping = new AbortController();
    try {
      const lease = await this.#read(stopping.signal);
      if (lease?.holder !== this.identity) return;
      await this.#write(lease, { holderIdentity: "", leaseDurationSeconds: 1 }, 2 * secondMs, stopping.signal);
    } catch (error) {
      this.#log.warn({ why: messageOf(error) }, "the leader's Lease could not be given away; it will expire");
    }
  }

  async #read(signal: AbortSignal): Promise<LeaderLease | undefined> {
    const object = await this.#rest.find({ path: this.#path, resource, deadlineMs: 2 * secondMs, signal });
    if (object !== undefined) return this.#see(object);
    this.#seen = undefined;
    return undefined;
  }

  async #write(
    over: LeaderLease | undefined,
    spec: object,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<LeaderLease> {
    const { namespace, name } = this.#options;
    const common = { resource, deadlineMs, signal, mayWaitOn429: false } as const;
    if (over === undefined) {
      const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name, namespace }, spec };
      return this.#see(await this.#rest.call({ method: "POST", path: leasesPath(namespace), body, ...common }));
    }
    const body = { metadata: { resourceVersion: over.resourceVersion }, spec };
    return this.#see(await this.#rest.call({ method: "PATCH", path: this.#path, body, ...common }));
  }

  /** What the watch or a list shows, which may come late: an older version changes nothing. */
  #seeShown(object: KubeObject): LeaderLease {
    const lease = toLeaderLease(object);
    return this.#isBehind(lease) ? lease : this.#see(object);
  }

  /**
   * The answer to a live read or to our own write holds whatever its version: versions go back when etcd is restored.
   * An older one is a Lease of which nothing is known, seen first now, which can only delay a take.
   */
  #see(object: KubeObject): LeaderLease {
    const lease = toLeaderLease(object);
    const before = this.#isBehind(lease) ? undefined : this.#seen;
    this.#seen = seeLease(before, lease, this.#rest.parts.clock.now().monoMs);
    return lease;
  }

  #isBehind(lease: LeaderLease): boolean {
    return isOlder(lease.resourceVersion, this.#seen?.lease.resourceVersion ?? "");
  }

  /** Resolves when the watch shows a change, after `ms`, or when the signal aborts. */
  async #changeOr(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const stop = this.#reflector.onChange(() => woken.abort());
    await this.#rest.parts.clock.sleep(ms, AbortSignal.any([signal, woken.signal])).catch(() => undefined);
    stop();
  }

  get #path(): string {
    return objectPath(leasesPath(this.#options.namespace), this.#options.name);
  }
}
