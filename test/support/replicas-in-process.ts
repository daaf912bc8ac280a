import { type App, createApp } from "../../src/app/app.ts";
import { makeParts, type Parts } from "../../src/app/setup.ts";
import type { Config } from "../../src/config/config.ts";
import { load } from "../../src/config/load.ts";
import { plainAccess } from "../../src/kube/kube-access.ts";
import type { Dial } from "../../src/observer/mute.ts";
import type { Log } from "../../src/ports/log.ts";
import type { Meter } from "../../src/ports/meter.ts";
import { registry } from "./config-loading.ts";
import { quietLog, quietMeter } from "./quiet-ports.ts";
import type { SimulatedWorld } from "./simulated-world.ts";

export interface ReplicasOptions {
  readonly world: SimulatedWorld;
  /** Text of config.yaml. */
  readonly config: string;
  readonly log?: Log | undefined;
  /** What a replica counts with; nothing where nothing is said. */
  readonly meterOf?: ((name: string) => Meter) | undefined;
  /** How the mute probe knocks at a port. */
  readonly dial: Dial;
  /** Puts something else in place of what the configuration makes. */
  readonly change?: (parts: Parts, config: Config) => Parts;
}

/** One replica of Aceso in this process. */
export interface Replica {
  readonly app: App;
  readonly name: string;
  /** Graceful stop. */
  stop(): Promise<void>;
  readonly over: Promise<void>;
}

/** Replicas of the real program, all on the world's clock and API server. */
export interface Replicas {
  start(name: string, nodeName?: string): Promise<Replica>;
  /** The server hears nothing more of it from this byte on; its signal aborts without clean-up. */
  kill(replica: Replica): void;
  /** Aborts all that run, without waiting for their end. */
  abort(): void;
}

/** Makes ready to start replicas; the DaemonSet whose annotations they read is put on the server. */
export function replicasIn(options: ReplicasOptions): Replicas {
  const { world, log = quietLog, dial } = options;
  const { clock, kube } = world;
  const running = new Map<string, AbortController>();
  kube.store.put("daemonsets", { metadata: { name: "aceso", namespace: "aceso" }, spec: {}, status: {} });
  kube.onKill((instance) => running.get(instance)?.abort());
  const layers = { env: {}, flags: {} };

  const start = async (name: string, nodeName?: string): Promise<Replica> => {
    const config = load(options.config, { file: "config.yaml", registry, layers });
    const made = await makeParts({ config, registry }, { clock, log });
    const app = createApp({
      config,
      parts: options.change?.(made, config) ?? made,
      clock,
      log,
      meter: options.meterOf?.(name) ?? quietMeter,
      access: plainAccess(kube.urls, world.agent(name)),
      namespace: "aceso",
      daemonSet: "aceso",
      nodeName,
      instance: name,
      dial,
    });
    const end = new AbortController();
    const over = app.run(end.signal).catch(() => undefined);
    running.set(name, end);
    void over.then(() => running.delete(name));
    return {
      app,
      name,
      over,
      async stop() {
        end.abort();
        await clock.runUntil(() => !running.has(name), 60_000, `the end of ${name}`);
      },
    };
  };
  return {
    start,
    kill: (replica) => kube.kill(replica.name),
    abort() {
      for (const end of running.values()) end.abort();
    },
  };
}
