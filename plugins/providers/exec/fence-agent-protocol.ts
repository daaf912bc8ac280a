import { messageOf, type PowerState, ProviderError } from "../../../src/plugin-api/index.ts";
import { oneLine } from "../../shared/process/one-line.ts";
import type { ProcessResult } from "../../shared/process/run-process.ts";
import { type Answer, type Call, describeEnd, type Protocol } from "./protocol.ts";
import { checkFenceOptions, type Operation } from "./settings.ts";

const actions: Partial<Record<Operation, string>> = { observe: "status", "power-off": "off", "power-on": "on" };

/** Exit codes of `action=status` (https://github.com/ClusterLabs/fence-agents/blob/main/doc/FenceAgentAPI.md). */
const statusCodes: Readonly<Record<number, PowerState>> = { 0: "on", 2: "off" };

/** The standard-input options and exit codes of ClusterLabs' fence agents. */
export const fenceAgentProtocol: Protocol = {
  toStdin({ operation, machine, options }: Call): string {
    const action = actions[operation];
    if (action === undefined || machine === undefined || machine === "" || /[\n\r]/.test(machine)) {
      throw new ProviderError(
        `exec: a fence agent cannot ${operation} machine ${JSON.stringify(machine)}`,
        "ask-operator",
      );
    }
    try {
      checkFenceOptions(options);
    } catch (error) {
      // Those of the configuration were checked at the start; the options file is read at each call.
      throw new ProviderError(messageOf(error), "ask-operator", { cause: error });
    }
    const lines = { ...options, action, plug: machine };
    return Object.entries(lines)
      .map(([name, value]) => `${name}=${value}\n`)
      .join("");
  },

  toAnswer(operation: Operation, { end, stderr, stdout }: ProcessResult, secrets: readonly string[]): Answer {
    const said = oneLine(stderr, 200, secrets) || oneLine(stdout, 200, secrets);
    const words = said === "" ? describeEnd(end) : `${describeEnd(end)}: ${said}`;
    if (end.kind !== "exited") return { kind: "unclear", problem: words };
    if (operation !== "observe") return end.code === 0 ? { kind: "accepted" } : { kind: "unclear", problem: words };
    const power = statusCodes[end.code];
    return power === undefined ? { kind: "unclear", problem: words } : { kind: "power", power, text: words };
  },
};
