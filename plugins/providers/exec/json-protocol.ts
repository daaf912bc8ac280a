import type { PowerState, Remedy } from "../../../src/plugin-api/index.ts";
import { oneLine } from "../../shared/process/one-line.ts";
import type { ProcessResult } from "../../shared/process/run-process.ts";
import { type Answer, type Call, describeEnd, type Protocol } from "./protocol.ts";
import type { Operation } from "./settings.ts";

const powers: readonly unknown[] = ["on", "off", "changing", "unknown"] satisfies PowerState[];
const remedies: readonly unknown[] = ["retry", "re-read", "give-up", "ask-operator"] satisfies Remedy[];
const maxMachineChars = 256;

/** One JSON object on standard input, one on standard output with exit 0 (README.md of this folder). */
export const jsonProtocol: Protocol = {
  toStdin({ operation, id, timeoutMs, node, machine, options }: Call): string {
    const { name, uid, providerID, systemUUID, internalIP } = node;
    return JSON.stringify({
      version: 1,
      operation,
      id,
      timeoutMs,
      node: { name, uid, providerID, systemUUID, addresses: internalIP === undefined ? [] : [internalIP] },
      ...(machine === undefined ? {} : { machine }),
      ...(Object.keys(options).length === 0 ? {} : { options }),
    });
  },

  toAnswer(operation: Operation, result: ProcessResult, secrets: readonly string[]): Answer {
    const { end } = result;
    if (end.kind !== "exited" || end.code !== 0) {
      const said = oneLine(result.stderr, 200, secrets);
      return { kind: "unclear", problem: said === "" ? describeEnd(end) : `${describeEnd(end)}: ${said}` };
    }
    if (result.isTruncated) return { kind: "unclear", problem: "its answer is longer than 64 KiB" };
    const answer = parseObject(result.stdout);
    if (answer === undefined) return { kind: "unclear", problem: "its answer is not one JSON object" };
    if (Object.hasOwn(answer, "error")) return toError(answer.error, secrets);
    return fromFields(operation, answer, secrets);
  },
};

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function fromFields(operation: Operation, answer: Record<string, unknown>, secrets: readonly string[]): Answer {
  if (operation === "identify") return toMachine(answer.machine);
  if (operation !== "observe") {
    return answer.accepted === true
      ? { kind: "accepted" }
      : { kind: "unclear", problem: "it did not say accepted: true" };
  }
  const { power, text } = answer;
  if (!powers.includes(power)) return { kind: "unclear", problem: "its power is none of on, off, changing, unknown" };
  const words = typeof text === "string" ? oneLine(text, 200, secrets) : "";
  return { kind: "power", power: power as PowerState, text: words || `the program said ${power}` };
}

function toMachine(machine: unknown): Answer {
  if (machine === null) return { kind: "machine", machine: undefined };
  const isName =
    typeof machine === "string" && machine !== "" && machine.length <= maxMachineChars && !/\p{Cc}/u.test(machine);
  return isName
    ? { kind: "machine", machine }
    : { kind: "unclear", problem: "its machine is neither null nor a short name" };
}

function toError(error: unknown, secrets: readonly string[]): Answer {
  const { remedy, message } = (typeof error === "object" && error !== null ? error : {}) as Record<string, unknown>;
  if (!remedies.includes(remedy) || typeof message !== "string") {
    return { kind: "unclear", problem: "its error has no known remedy and message" };
  }
  return { kind: "error", remedy: remedy as Remedy, message: oneLine(message, 200, secrets) };
}
