import { randomBytes } from "node:crypto";
import { systemClock } from "../../src/app/clock.ts";
import { Deeds } from "./deeds.ts";
import { shortenedTexts } from "./durations.ts";
import { Explanations } from "./explanations.ts";
import { look, type Sources } from "./look.ts";
import type { ProviderName } from "./machines.ts";
import { News } from "./news.ts";
import { type PageFront, startPageFront } from "./page-front.ts";
import { Patients } from "./patients.ts";
import type { Picture } from "./picture.ts";
import { Replicas } from "./replicas.ts";
import { showPlainly } from "./show-plainly.ts";
import { showScreen } from "./show-screen.ts";
import { type Ending, tellStory } from "./story.ts";
import { startWorld } from "./world.ts";

export interface DemoOptions {
  readonly provider: ProviderName;
  /** Ends by itself when the story is over. */
  readonly isOnce: boolean;
  /** Lines even on a terminal. */
  readonly isPlain: boolean;
  /** Limit of the story. */
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/** Everything that a way of showing needs. */
export interface Stage {
  readonly look: () => Picture;
  readonly news: News;
  readonly deeds: Deeds;
  /** Somebody wants to leave. */
  readonly quit: () => void;
  readonly signal: AbortSignal;
}

/**
 * Runs the demo. Without a terminal it ends with its story, as with `isOnce`: nobody could press a key.
 *
 * @returns the exit code: 0 healed or left by a person, 1 not healed in time
 * @throws Error when something cannot start, a replica breaks, or the signal aborts
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const begunMs = systemClock.now().monoMs;
  const hasScreen = process.stdout.isTTY === true && !options.isPlain;
  const isOnce = options.isOnce || !(hasScreen && process.stdin.isTTY === true);
  const end = new AbortController();
  const signal = AbortSignal.any([options.signal, end.signal]);
  await using parts = new AsyncDisposableStack();
  process.stdout.write(`starting ${clusters[options.provider]} and two replicas of Aceso\n`);
  process.stdout.write(`shortened (usual): ${shortenedTexts().join(", ")}\n`);

  const world = parts.use(await startWorld(options.provider));
  const news = new News();
  world.machines.onWord((who, text) => news.add({ atWallMs: systemClock.now().wallMs, who, text }));
  const patients = new Patients(world.kube, world.machines);
  const replicas = new Replicas(
    world,
    (line) => news.add(line),
    (error) => end.abort(error),
  );
  parts.defer(() => replicas.stop());
  const explanations = await Explanations.open(world);
  const begunMonoMs = systemClock.now().monoMs;
  const deeds = new Deeds(world, replicas, explanations, news);
  const token = `demo-${randomBytes(9).toString("hex")}`;
  world.kube.people.put(token, { name: "you@demo", isAllowed: () => true });
  const { machines } = world;
  const front: PageFront = parts.use(
    await startPageFront({
      machines: () => machines.names.map((name) => ({ name, state: machines.state(name) })),
      token,
      plug: (name) => deeds.plug(name),
      killLeader: () => deeds.killLeader(look(sources)),
      replicaPort: () => replicas.pagePort,
    }),
  );
  process.stdout.write(`status page: ${front.url} (to sign in, use the token ${token})\n`);
  const sources: Sources = {
    world,
    replicas,
    patients,
    news,
    explanations: () => explanations.latest,
    begunMonoMs,
    pageUrl: front.url,
  };
  const stage: Stage = {
    look: () => look(sources),
    news,
    deeds,
    quit: () => end.abort(new Left()),
    signal,
  };
  const orBreak = (work: Promise<void>) => work.catch((error: unknown) => end.abort(error));
  const asking = orBreak(explanations.run(() => patients.focus, signal));
  const showing = orBreak((hasScreen ? showScreen : showPlainly)(stage));
  const stopShowing = async () => {
    end.abort(new Left());
    await Promise.all([asking, showing]);
  };
  parts.defer(stopShowing);

  const [first = "", second = ""] = world.machines.names;
  await Promise.all([replicas.add("aceso-1", first), replicas.add("aceso-2", second)]);
  const { withinMs } = options;
  const ending = await tellStory(stage.look, stage.deeds, { withinMs, signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return undefined;
  });
  if (!isOnce) await aborted(signal);
  await stopShowing();
  if (!(signal.reason instanceof Left)) throw signal.reason;
  return isOnce ? tell(ending, systemClock.now().monoMs - begunMs) : 0;
}

const clusters: Readonly<Record<ProviderName, string>> = {
  exec: "a simulated cluster of six machines",
  openstack: "a simulated OpenStack with a Magnum cluster of six servers",
};

/** The reason of an end that nobody need be told. */
class Left extends Error {}

function tell(ending: Ending | undefined, wallMs: number): number {
  const wall = `wall time ${(wallMs / 1_000).toFixed(1)} s`;
  if (ending?.ok === true) {
    process.stdout.write(
      `healed: ${ending.node} was back in service after ${(ending.ms / 1_000).toFixed(1)} s; ${wall}\n`,
    );
    return 0;
  }
  process.stderr.write(`not healed: ${ending?.why ?? "left before the node was back"}; ${wall}\n`);
  return 1;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
