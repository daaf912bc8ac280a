import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { createSecureContext } from "node:tls";
import { type Clock, messageOf, type ProbeResult, type ProbeTarget } from "../../../src/plugin-api/index.ts";
import { CachedFile } from "./cached-file.ts";
import { type Exchange, exchange } from "./exchange.ts";
import type { EndpointParams } from "./params.ts";

/** The observer runs fewer probes at once; the bound is for a runner that does not. No session is resumed: each is verified. */
const limits = { keepAlive: false, maxTotalSockets: 128, maxCachedSessions: 0 };

/** One configured Endpoint check: its credentials, its sockets, and how answers are judged. */
export class EndpointProbe {
  readonly #params: EndpointParams;
  readonly #isTls: boolean;
  readonly #token: CachedFile;
  readonly #ca: CachedFile;
  #agent: HttpAgent | undefined;
  #agentCa = "";

  constructor(params: EndpointParams, isTls: boolean, clock: Clock) {
    this.#params = params;
    this.#isTls = isTls;
    this.#token = new CachedFile(params["token-file"], clock);
    this.#ca = new CachedFile(params["ca-file"], clock);
  }

  async run(target: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
    const host = target.internalIP;
    if (host === undefined) return unknown("the node has no InternalIP", false);
    const ready = await this.#prepare();
    if ("problem" in ready) return unknown(ready.problem, false);
    let answered = false;
    for (const path of this.#params.endpoints) {
      const get = { isTls: this.#isTls, host, port: this.#params.port, path, ...ready };
      const result = this.#judge(await exchange(get, signal), path);
      answered ||= result.answered;
      if (result.verdict !== "pass") return { ...result, answered };
    }
    return {
      verdict: "pass",
      message: `port ${this.#params.port}: ${this.#params.endpoints.join(", ")} answered`,
      answered,
    };
  }

  close(): void {
    this.#agent?.destroy();
  }

  async #prepare(): Promise<{ agent: HttpAgent; token: string | undefined } | { problem: string }> {
    const { "require-token": needsToken, "insecure-skip-verify": isInsecure } = this.#params;
    if (needsToken && (isInsecure || !this.#isTls)) {
      return {
        problem: "no token is sent over an unverified connection: use HTTPS with ca-file, or drop require-token",
      };
    }
    try {
      const agent = await this.#currentAgent();
      return { agent, token: needsToken ? (this.#params.token ?? (await this.#token.read()).trim()) : undefined };
    } catch (error) {
      return { problem: `ca-file or token-file: ${messageOf(error)}` };
    }
  }

  /** Each probe makes a connection of its own, so that it tests what a new client would meet, verification included. */
  async #currentAgent(): Promise<HttpAgent> {
    if (!this.#isTls || this.#params["insecure-skip-verify"]) {
      this.#agent ??= this.#isTls ? new HttpsAgent({ ...limits, rejectUnauthorized: false }) : new HttpAgent(limits);
      return this.#agent;
    }
    const ca = await this.#ca.read();
    if (this.#agent === undefined || ca !== this.#agentCa) {
      this.#agent = new HttpsAgent({ ...limits, secureContext: createSecureContext({ ca }), rejectUnauthorized: true });
      this.#agentCa = ca;
    }
    return this.#agent;
  }

  #judge(answer: Exchange, path: string): ProbeResult {
    const where = `port ${this.#params.port} ${path}`;
    switch (answer.kind) {
      case "status":
        if (this.#params["ok-codes"].includes(answer.status))
          return { verdict: "pass", message: where, answered: true };
        return { verdict: "fail", message: `${where}: status ${answer.status}${excerpt(answer.body)}`, answered: true };
      case "unverifiable":
        return unknown(
          `${where}: certificate not verifiable (${answer.problem}); set ca-file to its signer, or insecure-skip-verify: true`,
          true,
        );
      case "broken":
        return { verdict: "fail", message: `${where}: ${answer.problem}`.slice(0, 256), answered: answer.answered };
      case "local":
        return unknown(`${where}: this observer could not ask (${answer.problem})`, false);
    }
  }
}

function unknown(message: string, answered: boolean): ProbeResult {
  return { verdict: "unknown", message: message.slice(0, 256), answered };
}

/** The beginning of what the endpoint said, on one line. */
function excerpt(body: string): string {
  const line = body
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim()
    .slice(0, 120);
  return line === "" ? "" : `: ${line}`;
}
