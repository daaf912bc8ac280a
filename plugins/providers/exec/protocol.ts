import type { MachineId, NodeIdentity, PowerState, Remedy } from "../../../src/plugin-api/index.ts";
import type { ProcessEnd, ProcessResult } from "../../shared/process/run-process.ts";
import type { Operation } from "./settings.ts";

/** One question or act, as the program gets it. */
export interface Call {
  readonly operation: Operation;
  /** The intent's id; empty for identify and observe. */
  readonly id: string;
  readonly timeoutMs: number;
  readonly node: NodeIdentity;
  /** Absent for identify. */
  readonly machine: MachineId | undefined;
  readonly options: Readonly<Record<string, string>>;
}

/** What the program's end and output mean. `unclear` is the answer to everything outside the contract. */
export type Answer =
  | { readonly kind: "machine"; readonly machine: MachineId | undefined }
  | { readonly kind: "power"; readonly power: PowerState; readonly text: string }
  | { readonly kind: "accepted" }
  | { readonly kind: "error"; readonly remedy: Remedy; readonly message: string }
  | { readonly kind: "unclear"; readonly problem: string };

/** How to talk to one family of programs. Pure. */
export interface Protocol {
  /** @throws ProviderError (`ask-operator`) when the call cannot be written down safely */
  toStdin(call: Call): string;
  /** Never throws. @param secrets values to keep out of texts */
  toAnswer(operation: Operation, result: ProcessResult, secrets: readonly string[]): Answer;
}

/** In words, for messages. */
export function describeEnd(end: ProcessEnd): string {
  switch (end.kind) {
    case "exited":
      return `exit ${end.code}`;
    case "signalled":
      return `ended by ${end.signal}`;
    case "timed-out":
      return "no end within the timeout, killed";
    case "aborted":
      return "called off, killed";
    case "not-started":
      return `did not start (${end.problem})`;
  }
}
