import { systemClock } from "../../src/app/clock.ts";
import type { ApiClient } from "../support/api-client.ts";
import { startHollowCluster } from "../support/hollow/cluster.ts";
import type { Machine } from "../support/hollow/machine.ts";
import { startMachinesServer } from "../support/hollow/machines-server.ts";
import { durations } from "./durations.ts";
import { type Machines, masterTaint } from "./machines.ts";
import type { MachineState } from "./picture.ts";

const masters = ["cp-1", "cp-2", "cp-3"];
const workers = ["worker-1", "worker-2", "worker-3"];

/** Machines that a program switches, as the exec provider calls it: one process a call. */
export async function startExecMachines(api: ApiClient): Promise<Machines> {
  const cluster = await startHollowCluster({ api, nodes: nodeSpecs(), network: "none" });
  const owner = await startMachinesServer(() => cluster.machines, systemClock);
  const machine = (name: string) => cluster.node(name).machine;
  return {
    names: [...masters, ...workers],
    config: {
      "cloud-provider": "exec",
      exec: { protocol: "json", command: owner.command, operations: ["identify", "observe", "power-off", "power-on"] },
    },
    state: (name) => stateOf(machine(name)),
    onChange(listener) {
      for (const each of cluster.machines) each.onChange(() => listener(each.name));
    },
    onWord: () => {},
    pullPlug: (name) => machine(name).kill(),
    async switchOn(name) {
      void machine(name).powerOn();
    },
    hang: (name) => machine(name).hang(),
    async [Symbol.asyncDispose]() {
      await owner.close();
      await cluster.stop();
    },
  };
}

function nodeSpecs() {
  const { leaseIntervalMs, bootMs, powerOffMs, terminationMs } = durations;
  const common = { leaseIntervalMs, bootMs, powerOffMs, terminationMs };
  return [
    ...masters.map((name) => ({ ...common, name, role: "master" as const, taints: [masterTaint] })),
    ...workers.map((name) => ({ ...common, name })),
  ];
}

function stateOf({ power, isHung, face }: Machine): MachineState {
  if (power !== "on") return power === "off" ? "off" : "changing";
  if (isHung) return "hung";
  return face === "mute" ? "booting" : "on";
}
