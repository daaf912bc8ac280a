import { randomUUID } from "node:crypto";
import { Container } from "inversify";
import type { Config } from "../config/config.ts";
import type { NodeName } from "../core/model.ts";
import type { ClusterView } from "../core/view.ts";
import { Engine } from "../engine/engine.ts";
import { measured } from "../engine/measured-provider.ts";
import type { EngineSettings } from "../engine/settings.ts";
import type { World } from "../engine/world.ts";
import { connect } from "../kube/connect.ts";
import { KubeJournal } from "../kube/journal.ts";
import type { KubeAccess } from "../kube/kube-access.ts";
import { LeaseElector } from "../kube/lease-elector.ts";
import { KubeNodeControl } from "../kube/node-control.ts";
import { KubeNodeWatch } from "../kube/node-watch.ts";
import { DaemonSetPause, NoPause } from "../kube/pause-source.ts";
import { KubeReportPublisher, KubeReportWatch, type ReportOwner } from "../kube/reports.ts";
import type { KubeRest } from "../kube/rest.ts";
import { readServerVersion, type ServerVersion } from "../kube/server-version.ts";
import { StaticLeadership } from "../kube/static-leadership.ts";
import { KubeTargetList } from "../kube/target-list.ts";
import { KubeWorkloads } from "../kube/workloads.ts";
import type { Dial } from "../observer/mute.ts";
import { Observer } from "../observer/observer.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventRecorder } from "../ports/events.ts";
import type { Leadership, Term } from "../ports/leadership.ts";
import type { Log } from "../ports/log.ts";
import type { Meter } from "../ports/meter.ts";
import { provide, resolve, token } from "./container.ts";
import { eventRecorders } from "./event-recorders.ts";
import { Readiness } from "./readiness.ts";
import { muteProbe, type Parts } from "./setup.ts";

/** What one replica is made of. */
export interface AppOptions {
  readonly config: Config;
  readonly parts: Parts;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly access: KubeAccess;
  readonly namespace: string;
  /** Whose annotations pause everything; undefined: none. */
  readonly daemonSet: string | undefined;
  /** The node this replica runs on; undefined outside a cluster. */
  readonly nodeName: NodeName | undefined;
  /** Unique for this start of the replica. */
  readonly instance: string;
  /** The pod that the replica's report goes away with. */
  readonly pod?: ReportOwner | undefined;
  /** How the mute probe knocks at a port; real TCP by default. */
  readonly dial?: Dial;
}

/** One replica: an observer, and the engine while it leads. */
export interface App {
  readonly rest: KubeRest;
  readonly leadership: Leadership;
  readonly readiness: Readiness;
  /** What the leader acts upon; undefined while this replica does not lead or has not read everything. */
  look(): ClusterView | undefined;
  /** Asks the API server for its version and remembers whether it heeds the out-of-service taint. @throws AcesoError */
  readVersion(signal: AbortSignal): Promise<ServerVersion>;
  /** Works until the signal aborts; resolves when everything is over and the lease was given away. */
  run(signal: AbortSignal): Promise<void>;
}

/** Longest time for events that are still queued when the replica stops. */
const flushMs = 2_000;

const tokens = {
  options: token<AppOptions>("options"),
  rest: token<KubeRest>("rest"),
  events: token<EventRecorder>("events"),
  leadership: token<Leadership>("leadership"),
  observer: token<Observer>("observer"),
  readiness: token<Readiness>("readiness"),
  server: token<{ isTooOld: boolean }>("server"),
  engine: token<(term: Term) => Engine>("engine"),
};

/** Puts one replica together. Nothing runs yet. */
export function createApp(options: AppOptions): App {
  const container = new Container();
  bind(container, options);
  const rest = resolve(container, tokens.rest);
  const events = resolve(container, tokens.events);
  const leadership = resolve(container, tokens.leadership);
  const observer = resolve(container, tokens.observer);
  const newEngine = resolve(container, tokens.engine);
  let engine: Engine | undefined;
  const lead = async (term: Term) => {
    engine = newEngine(term);
    await engine.run().finally(() => {
      engine = undefined;
    });
  };
  return {
    rest,
    leadership,
    readiness: resolve(container, tokens.readiness),
    look: () => engine?.look(),
    async readVersion(signal) {
      const version = await readServerVersion(rest, signal);
      resolve(container, tokens.server).isTooOld = version.outOfService === "none";
      return version;
    },
    async run(signal) {
      const parts = [rest.run(signal), observer.run(signal), leadership.run(lead, signal)];
      await Promise.all(parts);
      using deadline = options.clock.deadline(flushMs);
      await events.flush(deadline.signal).catch(() => undefined);
      await options.parts.provider?.close?.();
      await options.access.close();
    },
  };
}

function bind(container: Container, given: AppOptions): void {
  container.bind(tokens.options).toConstantValue(given);
  provide(container, tokens.server, [], () => ({ isTooOld: false }));
  provide(container, tokens.rest, [tokens.options], ({ access, clock, log, meter }) => {
    return connect(access, clock, log, meter);
  });
  provide(container, tokens.events, [tokens.options, tokens.rest], ({ config, log, instance }, rest) => {
    return eventRecorders(config, rest, log, instance);
  });
  provide(container, tokens.readiness, [tokens.rest], (rest) => {
    const { clock, servers } = rest.parts;
    const heardAt = () => servers.heardAtMonoMs;
    return new Readiness(clock, heardAt, (signal) => rest.isReady(servers.pick().base, signal));
  });
  provide(container, tokens.leadership, [tokens.options, tokens.rest], newLeadership);
  provide(container, tokens.observer, [tokens.options, tokens.rest], newObserver);
  const engineNeeds = [tokens.options, tokens.rest, tokens.events, tokens.server] as const;
  provide(container, tokens.engine, engineNeeds, (options, rest, events, server) => {
    const world = () => ({ ...newWorld(options, rest, events), isServerTooOld: () => server.isTooOld });
    return (term: Term) => new Engine(engineSettings(options), world(), term);
  });
}

function newLeadership({ config, log, namespace, instance }: AppOptions, rest: KubeRest): Leadership {
  if (!config.leaderElect) return new StaticLeadership(instance);
  const { leaseDurationMs, renewDeadlineMs, retryPeriodMs } = config.leaderElection;
  return new LeaseElector(rest, log, {
    namespace,
    name: "aceso",
    identity: instance,
    durationMs: leaseDurationMs,
    renewEveryMs: retryPeriodMs,
    renewDeadlineMs,
  });
}

function newObserver(options: AppOptions, rest: KubeRest): Observer {
  const { parts, namespace, nodeName, instance, clock, log, meter, dial } = options;
  const settings = { node: nodeName ?? "", instance, probes: parts.probing, mute: muteProbe(parts.policy) };
  return new Observer(settings, {
    clock,
    targets: new KubeTargetList(rest),
    publisher: new KubeReportPublisher(rest, namespace, options.pod),
    log,
    meter,
    ...(dial === undefined ? {} : { dial }),
  });
}

/** Fresh adapters for a term: ages begin anew with each lead (DESIGN promise 11). */
function newWorld(options: AppOptions, rest: KubeRest, events: EventRecorder): Omit<World, "isServerTooOld"> {
  const { clock, log, meter, namespace, daemonSet, parts } = options;
  const nodes = new KubeNodeWatch(rest, log);
  return {
    clock,
    log,
    meter,
    events,
    nodes,
    control: new KubeNodeControl(rest, (object) => nodes.project(object)),
    workloads: new KubeWorkloads(rest),
    journal: new KubeJournal(rest, log),
    reports: new KubeReportWatch(rest, log, namespace),
    pause: daemonSet === undefined ? new NoPause() : new DaemonSetPause(rest, log, namespace, daemonSet),
    provider: parts.provider && measured(parts.provider, clock, meter),
    newId: () => randomUUID().slice(0, 8),
  };
}

function engineSettings({ parts, instance, nodeName }: AppOptions): EngineSettings {
  return { policy: parts.policy, passive: parts.passive, probes: parts.probes, instance, ownNode: nodeName };
}
