import { connect } from "node:net";
import { meaningOfSocketError, type ProbeResult } from "../plugin-api/index.ts";
import type { ProbeTarget } from "../ports/reports.ts";

/** What a knock at a TCP port says. `local`: our own machine could not knock. */
export type Knock = "answered" | "silent" | "local";

/** Knocks at a TCP port. Never throws; an abort before any answer is `silent`. */
export type Dial = (host: string, port: number, signal: AbortSignal) => Promise<Knock>;

/** Connects and hangs up at once; nothing is sent. */
export const dialTcp: Dial = (host, port, signal) =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (knock: Knock) => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(knock);
    };
    const onAbort = () => finish("silent");
    socket.once("connect", () => finish("answered"));
    socket.on("error", (error: NodeJS.ErrnoException) => finish(meaningOfSocketError(error.code ?? "")));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });

/** Knocks at the kubelet's port: whether anything at that address answers at all, be it with a refusal. */
export async function knockAtKubelet(target: ProbeTarget, dial: Dial, signal: AbortSignal): Promise<ProbeResult> {
  if (target.internalIP === undefined) {
    return { verdict: "unknown", message: "the node has no InternalIP", answered: false };
  }
  const where = `${target.internalIP} port ${target.kubeletPort}`;
  switch (await dial(target.internalIP, target.kubeletPort, signal)) {
    case "answered":
      return { verdict: "pass", message: `${where} answered`, answered: true };
    case "silent":
      return { verdict: "fail", message: `${where}: no answer at all`, answered: false };
    case "local":
      return { verdict: "unknown", message: `${where}: this observer could not ask`, answered: false };
  }
}

/** A node is mute only when no probe of the same sweep got an answer from it. */
export function withAnswersOfOthers(knock: ProbeResult, others: readonly ProbeResult[]): ProbeResult {
  if (knock.verdict !== "fail" || !others.some((result) => result.answered)) return knock;
  return { verdict: "pass", message: "silent on the kubelet's port, but another probe got an answer", answered: true };
}
