import { AcesoError } from "../core/errors.ts";
import { type MonoMs, type Now, secondMs } from "../core/time.ts";
import type { ClusterView } from "../core/view.ts";
import type { WardSight } from "../http/build-ward.ts";
import type { WardSource } from "../http/ward-feed.ts";
import type { Clock } from "../ports/clock.ts";
import type { Leadership } from "../ports/leadership.ts";
import { type FollowerOptions, FollowerWatch } from "./follower-watch.ts";
import { providerIsLeaders } from "./stamped-view.ts";

/** Nothing was read within the time that a page waits. */
class NothingKnownError extends AcesoError {
  readonly code = "ACESO_NOTHING_KNOWN";
  readonly remedy = "retry";
}

export interface WardSourceOptions extends Omit<FollowerOptions, "leader"> {
  readonly clock: Clock;
  readonly leadership: Leadership;
  /** The leader's own view; undefined while this replica does not lead or has not read everything. */
  readonly leading: () => ClusterView | undefined;
  readonly servedBy: { readonly instance: string; readonly node: string | null };
  readonly version: string;
  readonly configSource: string;
  /** Of the replica. */
  readonly signal: AbortSignal;
}

/** A follower goes on watching this long after the last look. */
const lingerMs = 15 * secondMs;
const longestWaitMs = 8 * secondMs;
const staleMs = 15 * secondMs;

/** What this replica knows: the leader what it acts upon, a follower what it reads while somebody looks. */
export class LiveWardSource implements WardSource {
  readonly #options: WardSourceOptions;
  readonly #follower: FollowerWatch;
  #lookedAt: MonoMs = 0;
  #following: Promise<void> | undefined;

  constructor(options: WardSourceOptions) {
    this.#options = options;
    this.#follower = new FollowerWatch({ ...options, leader: () => options.leadership.sight(options.clock.now()) });
  }

  /** Whether a follower reads anything now. */
  get isFollowing(): boolean {
    return this.#following !== undefined;
  }

  async look(signal: AbortSignal): Promise<WardSight> {
    const { leading, clock } = this.#options;
    const now = clock.now();
    const view = leading();
    if (view !== undefined) return this.#sight(view, now, true);
    this.#lookedAt = now.monoMs;
    this.#following ??= this.#follow();
    const seen = this.#follower.look() ?? (await this.#wait(signal));
    return this.#sight(seen.view, seen.now, false);
  }

  async #wait(signal: AbortSignal): Promise<{ readonly view: ClusterView; readonly now: Now }> {
    using deadline = this.#options.clock.deadline(longestWaitMs, AbortSignal.any([signal, this.#options.signal]));
    await this.#follower.synced(deadline.signal).catch(() => undefined);
    const seen = this.#follower.look();
    if (seen !== undefined) return seen;
    const why = this.#follower.problem === undefined ? "" : `: ${this.#follower.problem}`;
    throw new NothingKnownError(`the cluster could not be read within ${longestWaitMs / secondMs} s${why}`);
  }

  /** Watches until nobody looks any more; whoever looks while it ends begins it anew. */
  async #follow(): Promise<void> {
    const { clock, signal } = this.#options;
    const leftMs = () => this.#lookedAt + lingerMs - clock.now().monoMs;
    while (leftMs() > 0 && !signal.aborted) {
      const ended = new AbortController();
      const watching = this.#follower.run(AbortSignal.any([signal, ended.signal]));
      while (leftMs() > 0 && !signal.aborted) await clock.sleep(leftMs(), signal).catch(() => undefined);
      ended.abort();
      await watching;
    }
    this.#following = undefined;
  }

  #sight(view: ClusterView, now: Now, isLeader: boolean): WardSight {
    const { leadership, servedBy, version, configSource } = this.#options;
    // By our own clock, also where `now` is the server's.
    const leader = leadership.sight(this.#options.clock.now());
    return {
      view,
      now,
      leader: leader && { ...leader, instance: leader.holder },
      servedBy: { ...servedBy, isLeader },
      version,
      configSource,
      notes: isLeader ? staleNote(view, now) : followerNotes(view),
    };
  }
}

function staleNote({ lastReadAtMonoMs }: ClusterView, { monoMs }: Now): string[] {
  const ageMs = lastReadAtMonoMs === undefined ? 0 : monoMs - lastReadAtMonoMs;
  if (ageMs < staleMs) return [];
  return [`the API server was last heard ${Math.round(ageMs / secondMs)} s ago: what is shown is that old`];
}

function followerNotes({ policy }: ClusterView): string[] {
  const ages = "ages come from the objects' timestamps: this replica does not lead, and has not watched the changes";
  return policy.provider === undefined ? [ages] : [ages, providerIsLeaders];
}
