import type { Dispatcher } from "undici";
import { KubeSimulator, type KubeSimulatorOptions } from "../sim/kube/simulator.ts";
import { CallCounter } from "./counting-agent.ts";
import { InProcessApi } from "./in-process-api.ts";
import { VirtualClock, type VirtualClockOptions } from "./virtual-clock.ts";

/** A virtual clock, a simulated API server on it, and the way to make agents whose calls the clock waits for. */
export interface SimulatedWorld extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly kube: KubeSimulator;
  /** An undici dispatcher for one client of the API server, known to it as `instance`. */
  agent(instance?: string): Dispatcher;
  /** A client that needs no socket: fixtures and hollow kubelets whose calls take no time. */
  readonly api: InProcessApi;
}

/** Starts one; `await using world = await simulatedWorld()`. */
export async function simulatedWorld(
  options: Omit<KubeSimulatorOptions, "clock"> & VirtualClockOptions = {},
): Promise<SimulatedWorld> {
  const clock = new VirtualClock(options);
  const kube = new KubeSimulator({ ...options, clock });
  const counter = new CallCounter();
  const agents: Dispatcher[] = [];
  clock.addSource(counter);
  await kube.start();
  return {
    clock,
    kube,
    api: new InProcessApi(kube),
    agent(instance) {
      const agent = counter.agent((call) => kube.progressOf(call), instance);
      agents.push(agent);
      return agent;
    },
    async [Symbol.asyncDispose]() {
      await kube.stop();
      for (const agent of agents) await agent.destroy();
    },
  };
}
