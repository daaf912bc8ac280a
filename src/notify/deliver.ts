import { readFile } from "node:fs/promises";
import { Agent, request } from "undici";
import { messageOf } from "../core/errors.ts";
import { keyOf, signedHeaders } from "./signature.ts";

export interface Receiver {
  readonly url: string;
  readonly secretFile: string;
  /** PEM; undefined: the authorities that Node brings. */
  readonly caFile: string | undefined;
}

/** What came of one attempt. `refused`: the receiver will say the same again. */
export type Delivery =
  | { readonly kind: "sent" }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "retry"; readonly why: string; readonly afterMs?: number };

/** Answers that promise another one later. */
const passing = [408, 425, 429];
const longestRetryAfterS = 300;
const mostAnswerBytes = 16_384;

/** Sends signed bodies to one receiver. Secret and authorities are read anew each time, so that they may be rotated. */
export class Deliverer {
  readonly #receiver: Receiver;
  #agent: { readonly ca: string | undefined; readonly agent: Agent } | undefined;

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
  }

  /** Never throws. @param wallMs of this attempt: receivers refuse what is old */
  async attempt(id: string, body: string, wallMs: number, signal: AbortSignal): Promise<Delivery> {
    try {
      const secret = await readFile(this.#receiver.secretFile, "utf8");
      if (keyOf(secret).length === 0) return { kind: "retry", why: `${this.#receiver.secretFile} is empty` };
      const answer = await request(this.#receiver.url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "user-agent": "aceso",
          ...signedHeaders(secret, id, wallMs, body),
        },
        body,
        dispatcher: await this.#dispatcher(),
        signal,
      });
      await answer.body.dump({ limit: mostAnswerBytes, signal });
      return judge(answer.statusCode, answer.headers["retry-after"]);
    } catch (error) {
      return { kind: "retry", why: messageOf(signal.aborted ? signal.reason : error) };
    }
  }

  async close(): Promise<void> {
    await this.#agent?.agent.destroy();
    this.#agent = undefined;
  }

  async #dispatcher(): Promise<Agent> {
    const { caFile } = this.#receiver;
    const ca = caFile === undefined ? undefined : await readFile(caFile, "utf8");
    if (this.#agent !== undefined && this.#agent.ca === ca) return this.#agent.agent;
    await this.close();
    const agent = new Agent({ connections: 1, keepAliveTimeout: 1_000, ...(ca !== undefined && { connect: { ca } }) });
    this.#agent = { ca, agent };
    return agent;
  }
}

/** A redirect is not followed: what is signed for one receiver is not sent to another. */
function judge(status: number, retryAfter: string | string[] | undefined): Delivery {
  if (status >= 200 && status < 300) return { kind: "sent" };
  const why = `it answered ${status}`;
  if (status < 500 && !passing.includes(status)) return { kind: "refused", why };
  const seconds = Number(Array.isArray(retryAfter) ? retryAfter[0] : retryAfter);
  const isTold = Number.isFinite(seconds) && seconds > 0;
  return { kind: "retry", why, ...(isTold && { afterMs: Math.min(seconds, longestRetryAfterS) * 1_000 }) };
}
