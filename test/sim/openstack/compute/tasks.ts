import type { OperationFault, ServerOperation } from "../../../support/openstack-cloud.ts";
import type { Schedule, Timer } from "../schedule.ts";
import type { InstanceAction } from "./instance-action.ts";
import type { Server } from "./server.ts";

/** One stage of a task. */
export interface Step {
  readonly task: string;
  readonly ms: number;
  /** What the hypervisor does meanwhile: faults of it delay the step or make it fail. */
  readonly operation?: ServerOperation;
  readonly onEnter?: () => void;
}

/** What nova-compute does with a server after a request was accepted. */
export interface Task {
  readonly action: InstanceAction;
  readonly steps: readonly Step[];
  readonly onDone: () => void;
  readonly onFail: (operation: ServerOperation) => void;
}

interface Running {
  readonly task: Task;
  index: number;
  startedAtMonoMs: number;
  /** Undefined: the compute host is dead and nobody works on it. */
  timer: Timer | undefined;
}

/** Runs each server's task by the clock. A dead compute host leaves it where it is and starts it anew when it returns. */
export class Tasks {
  readonly #schedule: Schedule;
  readonly #isHostAlive: (server: Server) => boolean;
  readonly #faultOf: (server: Server, operation: ServerOperation) => OperationFault | undefined;
  readonly #running = new Map<Server, Running>();

  constructor(
    schedule: Schedule,
    isHostAlive: (server: Server) => boolean,
    faultOf: (server: Server, operation: ServerOperation) => OperationFault | undefined,
  ) {
    this.#schedule = schedule;
    this.#isHostAlive = isHostAlive;
    this.#faultOf = faultOf;
  }

  /** Takes the place of what the server was doing. */
  run(server: Server, task: Task): void {
    this.cancel(server);
    server.taskState = task.steps[0]?.task ?? null;
    const running = { task, index: 0, startedAtMonoMs: 0, timer: undefined };
    this.#running.set(server, running);
    if (this.#isHostAlive(server)) this.#enter(server, running);
  }

  cancel(server: Server): void {
    this.#running.get(server)?.timer?.cancel();
    this.#running.delete(server);
  }

  /** The server's host died: whoever was at work stops. */
  park(server: Server): void {
    const running = this.#running.get(server);
    running?.timer?.cancel();
    if (running !== undefined) running.timer = undefined;
  }

  /** The server's host is back: what was left is carried out from the start. */
  resume(server: Server): void {
    const running = this.#running.get(server);
    if (running === undefined || running.timer !== undefined) return;
    running.index = 0;
    this.#enter(server, running);
  }

  /** A fault of the server's hypervisor began or ended. */
  reconsider(server: Server): void {
    const running = this.#running.get(server);
    if (running?.timer === undefined) return;
    running.timer.cancel();
    this.#arm(server, running);
  }

  #enter(server: Server, running: Running): void {
    const step = running.task.steps[running.index];
    if (step === undefined) {
      this.#finish(server, running);
      return;
    }
    server.taskState = step.task;
    step.onEnter?.();
    running.startedAtMonoMs = this.#schedule.monoMs;
    this.#arm(server, running);
  }

  #arm(server: Server, running: Running): void {
    const step = running.task.steps[running.index];
    const fault = step?.operation === undefined ? undefined : this.#faultOf(server, step.operation);
    const delayMs = fault?.kind === "delay" ? fault.seconds * 1000 : 0;
    const endsAtMonoMs = running.startedAtMonoMs + (step?.ms ?? 0) + delayMs;
    running.timer = this.#schedule.at(endsAtMonoMs, () => this.#next(server, running));
  }

  #next(server: Server, running: Running): void {
    const operation = running.task.steps[running.index]?.operation;
    if (operation !== undefined && this.#faultOf(server, operation)?.kind === "fail") {
      this.#end(server, running.task.action, "Error");
      server.fault = { code: 500, created: this.#schedule.wallMs, message: `${operation} failed` };
      running.task.onFail(operation);
      return;
    }
    running.index += 1;
    this.#enter(server, running);
  }

  #finish(server: Server, { task }: Running): void {
    this.#end(server, task.action, "Success");
    task.onDone();
  }

  #end(server: Server, action: InstanceAction, result: "Success" | "Error"): void {
    this.#running.delete(server);
    server.taskState = null;
    const wallMs = this.#schedule.wallMs;
    server.updatedAtWallMs = wallMs;
    action.result = result;
    action.message = result === "Error" ? "Error" : null;
    action.updatedAtWallMs = wallMs;
    action.finishedAtWallMs = wallMs;
  }
}
