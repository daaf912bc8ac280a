import { connect } from "../../../src/kube/connect.ts";
import { plainAccess } from "../../../src/kube/kube-access.ts";
import type { KubeRest } from "../../../src/kube/rest.ts";
import type { Fault } from "../../sim/kube/faults.ts";
import { type LogLine, recordingLog, recordingMeter } from "../../support/recording-log.ts";
import { type SimulatedWorld, simulatedWorld } from "../../support/simulated-world.ts";

/** A simulated API server on a virtual clock and calls to it. */
export interface Rig extends AsyncDisposable {
  readonly world: SimulatedWorld;
  readonly clock: SimulatedWorld["clock"];
  readonly kube: SimulatedWorld["kube"];
  readonly rest: KubeRest;
  readonly log: ReturnType<typeof recordingLog>;
  readonly meter: ReturnType<typeof recordingMeter>;
  /** Aborted at the end. */
  readonly signal: AbortSignal;
  /** Owns something that runs until the end. */
  background(work: Promise<void>): void;
  /** Another client with its own pool. */
  client(instance: string): KubeRest;
}

export async function kubeRig(options: Parameters<typeof simulatedWorld>[0] = {}): Promise<Rig> {
  const world = await simulatedWorld(options);
  const lines: LogLine[] = [];
  const log = recordingLog(lines);
  const meter = recordingMeter();
  const stop = new AbortController();
  const running: Promise<void>[] = [];
  const client = (instance: string) =>
    connect(plainAccess(world.kube.urls, world.agent(instance)), world.clock, log, meter);
  const rest = client("a");
  return {
    world,
    clock: world.clock,
    kube: world.kube,
    rest,
    log,
    meter,
    signal: stop.signal,
    background: (work) => running.push(work),
    client,
    async [Symbol.asyncDispose]() {
      stop.abort(new Error("the test is over"));
      let isOver = false;
      const all = Promise.all(running).finally(() => {
        isOver = true;
      });
      // Good-byes to a silent server end at their deadlines.
      await world.clock.runUntil(() => isOver, 60_000, "the end of what runs in the background");
      await all;
      await world[Symbol.asyncDispose]();
    },
  };
}

/** A Node as a simulated server keeps it. */
export function nodeObject(
  name: string,
  change: { readonly spec?: object; readonly metadata?: object; readonly ready?: string } = {},
) {
  return {
    metadata: { name, labels: { "kubernetes.io/hostname": name }, ...change.metadata },
    spec: { ...change.spec },
    status: {
      conditions: [{ type: "Ready", status: change.ready ?? "True", reason: "KubeletReady" }],
      addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
      nodeInfo: { bootID: `boot-${name}`, systemUUID: `uuid-${name}` },
    },
  };
}

/** The write is applied and its answer lost. */
export function lostAnswer(then: "reset" | "stall"): Fault {
  return { kind: "lose-answer", then };
}
