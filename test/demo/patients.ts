import type { Clock } from "../../src/ports/clock.ts";
import type { KubeSimulator } from "../sim/kube/simulator.ts";
import { type Loss, noticing, remainingMs } from "./estimate.ts";
import type { Machines } from "./machines.ts";
import type { MachineState, Progress, RepairPicture } from "./picture.ts";

interface Patient {
  readonly loss: Loss;
  readonly sinceMonoMs: number;
  readonly stages: { readonly stage: string; readonly atMonoMs: number }[];
  endedMonoMs: number | undefined;
}

const ends: readonly string[] = ["Healed", "Recovered"];

/** Remembers what no object of the API tells: when each machine was lost, and how long each phase took. */
export class Patients {
  readonly #clock: Clock;
  readonly #patients = new Map<string, Patient>();

  constructor(kube: KubeSimulator, machines: Machines) {
    this.#clock = kube.clock;
    machines.onChange((name) => this.#see(name, machines.state(name)));
    kube.store.onChange(({ plural, object }) => {
      if (plural === "noderepairs") this.#enter(object.metadata.name, object.status?.phase);
    });
  }

  /** The node lost first whose healing is not over; else the one that came back last. */
  get focus(): string | undefined {
    const all = [...this.#patients];
    const [name] =
      all.find(([, { endedMonoMs }]) => endedMonoMs === undefined) ??
      all.toSorted(([, a], [, b]) => (b.endedMonoMs ?? 0) - (a.endedMonoMs ?? 0))[0] ??
      [];
    return name;
  }

  /** @param waits nothing ends by itself now: paused or held */
  progressOf(node: string, waits: boolean): Progress | undefined {
    const patient = this.#patients.get(node);
    if (patient === undefined) return undefined;
    const nowMs = this.#clock.now().monoMs;
    const { sinceMonoMs, endedMonoMs, loss } = patient;
    if (endedMonoMs !== undefined) return { node, passedMs: endedMonoMs - sinceMonoMs, remainingMs: 0, isOver: true };
    const { stage, atMonoMs } = patient.stages.at(-1) ?? { stage: noticing, atMonoMs: sinceMonoMs };
    const left = waits || stage === "Held" ? undefined : remainingMs(loss, stage, nowMs - atMonoMs);
    return { node, passedMs: nowMs - sinceMonoMs, remainingMs: left, isOver: false };
  }

  /** Phases of the present repair with their times so far. */
  passedOf(node: string): RepairPicture["passed"] {
    const { stages = [], endedMonoMs } = this.#patients.get(node) ?? {};
    const lastMs = endedMonoMs ?? this.#clock.now().monoMs;
    return stages.map(({ stage, atMonoMs }, index) => ({
      phase: stage,
      ms: (stages[index + 1]?.atMonoMs ?? lastMs) - atMonoMs,
    }));
  }

  #see(name: string, loss: MachineState): void {
    const before = this.#patients.get(name);
    const isLost = loss === "off" || loss === "hung";
    if (!isLost || (before !== undefined && before.endedMonoMs === undefined)) return;
    this.#patients.set(name, {
      loss,
      sinceMonoMs: this.#clock.now().monoMs,
      stages: [],
      endedMonoMs: undefined,
    });
  }

  #enter(node: string, phase: string | undefined): void {
    const patient = this.#patients.get(node);
    if (patient === undefined || phase === undefined || patient.endedMonoMs !== undefined) return;
    const atMonoMs = this.#clock.now().monoMs;
    if (patient.stages.at(-1)?.stage === phase) return;
    if (!ends.includes(phase)) patient.stages.push({ stage: phase, atMonoMs });
    // the phase of an earlier repair may be written once more before the new one begins
    else if (patient.stages.length > 0) patient.endedMonoMs = atMonoMs;
  }
}
