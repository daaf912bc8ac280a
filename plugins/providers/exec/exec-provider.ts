import {
  type Act,
  type Capability,
  type Clock,
  type MachineId,
  type NodeIdentity,
  type PowerAnswer,
  type Provider,
  ProviderError,
  type Rung,
} from "../../../src/plugin-api/index.ts";
import { type ProcessResult, runProcess } from "../../shared/process/run-process.ts";
import { fenceAgentProtocol } from "./fence-agent-protocol.ts";
import { jsonProtocol } from "./json-protocol.ts";
import { readOptionsFile } from "./options-file.ts";
import type { Answer, Call, Protocol } from "./protocol.ts";
import type { ExecSettings, Operation } from "./settings.ts";

/** A provider over a program; has exactly the methods that `operations` lists. */
export function createExecProvider(settings: ExecSettings, clock: Clock): Provider {
  const program = new Program(settings, clock);
  const capabilities = settings.operations.filter((operation): operation is Capability => operation !== "identify");
  const can = (capability: Capability) => capabilities.includes(capability);
  const ladder = defaultLadder(capabilities);
  return {
    id: "exec",
    capabilities,
    defaultLadder: () => ladder,
    identify: (node, signal) => program.identify(node, signal),
    observe: (machine, node, signal) => program.observe(machine, node, signal),
    ...(can("power-off") && { powerOff: (act: Act) => program.act("power-off", act) }),
    ...(can("power-on") && { powerOn: (act: Act) => program.act("power-on", act) }),
    ...((can("soft-reboot") || can("hard-reboot")) && {
      reboot: (act: Act, kind: "soft" | "hard") => program.act(`${kind}-reboot`, act),
    }),
    ...(can("rebuild") && { rebuild: (act: Act) => program.act("rebuild", act) }),
    ...(can("replace") && { replace: (act: Act) => program.act("replace", act) }),
  };
}

/** Rungs that lose no disk; `rebuild` and `replace` run only where the configuration names them. */
function defaultLadder(capabilities: readonly Capability[]): readonly Rung[] {
  if (capabilities.includes("power-off") && capabilities.includes("power-on")) return ["power-cycle"];
  return (["soft-reboot", "hard-reboot"] as const).filter((rung) => capabilities.includes(rung));
}

class Program {
  readonly #settings: ExecSettings;
  readonly #clock: Clock;
  readonly #protocol: Protocol;

  constructor(settings: ExecSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#protocol = settings.protocol === "json" ? jsonProtocol : fenceAgentProtocol;
  }

  /** The program's word, where it can identify; else the node's annotation aceso.dev/machine, else the node's name. */
  async identify(node: NodeIdentity, signal: AbortSignal): Promise<MachineId | undefined> {
    if (!this.#settings.operations.includes("identify")) return node.machineAnnotation ?? node.name;
    const answer = await this.#ask("identify", node, undefined, signal);
    if (answer.kind === "machine") return answer.machine;
    throw this.#failure("identify", node.name, answer, "retry");
  }

  async observe(machine: MachineId, node: NodeIdentity, signal: AbortSignal): Promise<PowerAnswer> {
    const answer = await this.#ask("observe", node, machine, signal);
    if (answer.kind === "power") return { power: answer.power, text: answer.text };
    if (answer.kind === "unclear") return { power: "unknown", text: answer.problem };
    throw this.#failure("observe", machine, answer, "retry");
  }

  async act(operation: Capability, act: Act): Promise<void> {
    if (!this.#settings.operations.includes(operation)) {
      throw new ProviderError(`exec: ${operation} of ${act.machine}: not in exec.operations`, "give-up");
    }
    const call = await this.#call(operation, act.node, act.machine, act.id, act.timeoutMs);
    const stdin = this.#protocol.toStdin(call);
    await act.mayAct();
    const answer = await this.#run(call, stdin, act.signal);
    if (answer.kind !== "accepted") throw this.#failure(operation, act.machine, answer, "re-read");
  }

  async #ask(
    operation: Operation,
    node: NodeIdentity,
    machine: MachineId | undefined,
    signal: AbortSignal,
  ): Promise<Answer> {
    const call = await this.#call(operation, node, machine, "", this.#settings.timeoutMs);
    return await this.#run(call, this.#protocol.toStdin(call), signal);
  }

  async #call(
    operation: Operation,
    node: NodeIdentity,
    machine: MachineId | undefined,
    id: string,
    limitMs: number,
  ): Promise<Call> {
    const { options, optionsFile, timeoutMs } = this.#settings;
    const fromFile = optionsFile === undefined ? {} : await readOptionsFile(optionsFile);
    return {
      operation,
      id,
      timeoutMs: Math.min(timeoutMs, limitMs),
      node,
      machine,
      options: { ...options, ...fromFile },
    };
  }

  async #run(call: Call, stdin: string, signal: AbortSignal): Promise<Answer> {
    const { command } = this.#settings;
    const result = await runProcess({ command, stdin, timeoutMs: call.timeoutMs }, this.#clock, signal);
    this.#throwIfNotStarted(call, result);
    return this.#protocol.toAnswer(call.operation, result, Object.values(call.options));
  }

  /** A program that never ran did nothing: no outcome is unknown. */
  #throwIfNotStarted({ operation, machine, node }: Call, { end }: ProcessResult): void {
    if (end.kind !== "not-started") return;
    const what = `exec: ${operation} of ${machine ?? node.name} with ${this.#settings.command[0]}`;
    const advice = end.isMissing ? "; check exec.command" : "";
    throw new ProviderError(
      `${what}: did not start (${end.problem})${advice}`,
      end.isMissing ? "ask-operator" : "retry",
    );
  }

  #failure(operation: Operation, machine: string, answer: Answer, remedyIfUnclear: "retry" | "re-read"): ProviderError {
    const what = `exec: ${operation} of ${machine} with ${this.#settings.command[0]}`;
    if (answer.kind === "error") return new ProviderError(`${what}: ${answer.message}`, answer.remedy);
    const problem = answer.kind === "unclear" ? answer.problem : "its answer belongs to another operation";
    return new ProviderError(`${what}: outcome unknown: ${problem}`, remedyIfUnclear);
  }
}
