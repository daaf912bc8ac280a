import {
  type CheckContext,
  defineHealthCheck,
  type ParamValues,
  type ProbeResult,
  type ProbeTarget,
} from "../../../src/plugin-api/index.ts";
import { oneLine } from "../../shared/process/one-line.ts";
import { type ProcessResult, runProcess } from "../../shared/process/run-process.ts";

/** The runner's signal ends the command; this only bounds one whose runner forgot. */
const backstopMs = 600_000;

/** Runs a program per node: exit 0 passes, 1 fails, anything else is `unknown`. */
export default defineHealthCheck({
  id: "Command",
  summary: "A program of your own says whether the node is well: exit 0 pass, 1 fail, anything else unknown.",
  params: {
    command: {
      doc: "Program and its arguments, started without a shell. The node is described by environment variables.",
      format: "strings",
      default: null,
      required: true,
    },
  },
  create(params: ParamValues, { clock }: CheckContext) {
    // The loader validated the value: a list of strings.
    const command = params.command as readonly string[];
    return {
      async probe(target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
        const request = {
          command,
          env: environment(target),
          timeoutMs: backstopMs,
          maxStdoutBytes: 4_096,
          maxStderrBytes: 4_096,
        };
        return toResult(await runProcess(request, clock, signal));
      },
    };
  },
});

function environment(target: ProbeTarget): Record<string, string> {
  return {
    ACESO_NODE_NAME: target.name,
    ACESO_NODE_UID: target.uid,
    ACESO_NODE_ROLE: target.role,
    ACESO_NODE_IP: target.internalIP ?? "",
    ACESO_KUBELET_PORT: String(target.kubeletPort),
  };
}

function toResult({ end, stdout, stderr }: ProcessResult): ProbeResult {
  const said = oneLine(stdout) || oneLine(stderr);
  switch (end.kind) {
    case "exited":
      if (end.code === 0) return { verdict: "pass", message: said || "exit 0", answered: true };
      if (end.code === 1) return { verdict: "fail", message: said || "exit 1", answered: false };
      return unknown(`exit ${end.code}`, said);
    case "signalled":
      return unknown(`ended by ${end.signal}`, said);
    case "timed-out":
    case "aborted":
      return unknown("no end within the timeout; its process group was killed", said);
    case "not-started":
      return unknown(`did not start: ${end.problem}`, "");
  }
}

function unknown(problem: string, said: string): ProbeResult {
  return { verdict: "unknown", message: said === "" ? problem : `${problem}: ${said}`, answered: false };
}
