import { messageOf } from "../core/errors.ts";
import { muteCheck, type NodeName } from "../core/model.ts";
import { type MonoMs, secondMs, type WallMs } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Meter } from "../ports/meter.ts";
import type { ProbeTarget, ReportPublisher, TargetList } from "../ports/reports.ts";
import { type Dial, dialTcp } from "./mute.ts";
import { type PairKey, type ProbePlan, pairKey } from "./probe-plan.ts";
import { heartbeatMs } from "./publication.ts";
import { Publishing } from "./publishing.ts";
import { nextSighting, type Sighting, toReport, unseen } from "./sightings.ts";
import { Sweeper, type SweepResult } from "./sweep.ts";
import { Watchlist } from "./watchlist.ts";

export interface ObserverSettings {
  /** The node this replica runs on. */
  readonly node: NodeName;
  /** This replica; the name of its ObserverReport. */
  readonly instance: string;
  readonly probes: readonly ProbePlan[];
  /** The built-in `mute` probe of all nodes; undefined: off. Needed where unproven fencing is accepted. */
  readonly mute: { readonly intervalMs: number; readonly timeoutMs: number } | undefined;
  /** Probes at a time; default 64. */
  readonly concurrency?: number;
}

export interface ObserverPorts {
  readonly clock: Clock;
  readonly targets: TargetList;
  readonly publisher: ReportPublisher;
  readonly log: Log;
  readonly meter: Meter;
  /** How to knock at a port; real TCP by default. */
  readonly dial?: Dial;
  /** 0 to 1; for tests. */
  readonly random?: () => number;
}

/** Also the shortest time between two sweeps. */
const shortestPauseMs = secondMs;

/**
 * Runs the probing checks of one replica and publishes what it sees. One loop: list targets, sweep, publish, wait; so a
 * hung sweep also stops the report, which then goes stale instead of repeating old news. Without any probe it lists
 * nothing and publishes an empty report, which only says that this replica lives.
 */
export class Observer {
  readonly #settings: ObserverSettings;
  readonly #ports: ObserverPorts;
  readonly #everyMs: number;
  readonly #sweeper: Sweeper;
  readonly #watchlist: Watchlist;
  readonly #publishing: Publishing;

  #sightings = new Map<PairKey, Sighting>();
  #sweptAtWallMs: WallMs | undefined;
  #sweepAtMonoMs = 0;

  constructor(settings: ObserverSettings, ports: ObserverPorts) {
    const { probes, mute, concurrency = 64 } = settings;
    this.#settings = settings;
    this.#ports = ports;
    this.#everyMs = shortestInterval(settings);
    this.#sweeper = new Sweeper({
      ...ports,
      plans: probes,
      mute,
      everyMs: this.#everyMs,
      concurrency,
      dial: ports.dial ?? dialTcp,
    });
    this.#watchlist = new Watchlist(ports.targets, ports.clock, ports.log);
    this.#publishing = new Publishing(ports);
  }

  /** Ends soon after the signal aborts; then the checks are closed. Does not reject for what checks or the server do. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const lookMs = this.#hasProbes ? await this.#look(signal) : Number.POSITIVE_INFINITY;
        const publishMs = signal.aborted ? 0 : await this.#publish(signal);
        await this.#pauseUntil(Math.min(lookMs, publishMs), signal);
      }
    } finally {
      await this.#closeChecks();
    }
  }

  get #hasProbes(): boolean {
    return this.#settings.probes.length > 0 || this.#settings.mute !== undefined;
  }

  /** Lists and sweeps, whatever is due. @returns when something is due next */
  async #look(signal: AbortSignal): Promise<MonoMs> {
    await this.#refresh(signal);
    const { targets } = this.#watchlist;
    if (targets === undefined) return this.#watchlist.dueAtMonoMs;
    if (this.#ports.clock.now().monoMs >= this.#sweepAtMonoMs) await this.#sweep(targets, signal);
    return Math.min(this.#watchlist.dueAtMonoMs, this.#sweepAtMonoMs);
  }

  async #sweep(targets: readonly ProbeTarget[], signal: AbortSignal): Promise<void> {
    const { clock, meter, random = Math.random } = this.#ports;
    const startedMs = clock.now().monoMs;
    const results = await this.#sweeper.run(targets, signal);
    if (signal.aborted) return;
    const ended = clock.now();
    this.#sweptAtWallMs = ended.wallMs;
    this.#sweepAtMonoMs = startedMs + this.#everyMs * (0.9 + 0.2 * random());
    meter.time("aceso_sweep_seconds", (ended.monoMs - startedMs) / secondMs);
    if (!this.#take(results, ended.wallMs)) return;
    // Look whether the node is still there before telling others that it fails.
    this.#watchlist.doubt();
    await this.#refresh(signal);
  }

  /** @returns whether a target has begun to fail */
  #take(results: readonly SweepResult[], nowMs: WallMs): boolean {
    let hasNewFailure = false;
    for (const { target, check, result } of results) {
      const key = pairKey(target, check);
      const last = this.#sightings.get(key);
      const seen = { node: target.name, nodeUid: target.uid, check, verdict: result.verdict, message: result.message };
      hasNewFailure ||= result.verdict === "fail" && last?.verdict !== "fail";
      this.#sightings.set(key, nextSighting(last, seen, nowMs));
    }
    return hasNewFailure;
  }

  /** After a new list: sightings of the present targets and of no others. */
  async #refresh(signal: AbortSignal): Promise<void> {
    if (!(await this.#watchlist.refresh(signal))) return;
    const { wallMs } = this.#ports.clock.now();
    const pairs = (this.#watchlist.targets ?? []).flatMap((target) => {
      return this.#checksOf(target).map((check): [PairKey, Sighting] => {
        const key = pairKey(target, check);
        return [key, this.#sightings.get(key) ?? unseen(target, check, wallMs)];
      });
    });
    this.#sightings = new Map(pairs);
  }

  #checksOf(target: ProbeTarget): readonly string[] {
    const own = this.#settings.probes.filter((plan) => plan.role === target.role).map((plan) => plan.id);
    return this.#settings.mute === undefined ? own : [...own, muteCheck];
  }

  /** @returns when to publish next; after the next look where there was none yet */
  async #publish(signal: AbortSignal): Promise<MonoMs> {
    const sweptAt = this.#hasProbes ? this.#sweptAtWallMs : this.#ports.clock.now().wallMs;
    if (sweptAt === undefined) return Number.POSITIVE_INFINITY;
    const { node, instance } = this.#settings;
    const report = toReport(this.#sightings.values(), { node, instance, intervalMs: this.#everyMs }, sweptAt);
    return await this.#publishing.step(report, signal);
  }

  async #pauseUntil(atMs: MonoMs, signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    const waitMs = Math.max(shortestPauseMs, Math.min(atMs - clock.now().monoMs, heartbeatMs));
    try {
      await clock.sleep(waitMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #closeChecks(): Promise<void> {
    for (const check of new Set(this.#settings.probes.map((plan) => plan.check))) {
      try {
        await check.close?.();
      } catch (error) {
        this.#ports.log.warn({ error: messageOf(error) }, "closing a health check did not work");
      }
    }
  }
}

/** Time between two sweeps: the shortest interval of a probe. */
function shortestInterval({ probes, mute }: ObserverSettings): number {
  const intervals = [...probes, ...(mute === undefined ? [] : [mute])].map(({ intervalMs }) => intervalMs);
  return intervals.length === 0 ? heartbeatMs : Math.max(shortestPauseMs, Math.min(...intervals));
}
