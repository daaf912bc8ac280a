import { createHash } from "node:crypto";
import { AcesoError, messageOf } from "../core/errors.ts";
import { type MonoMs, secondMs } from "../core/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Person, PersonsRight, Reviews } from "../ports/reviews.ts";
import { Refusal } from "./refusal.ts";

/** Short: a token that was withdrawn, or a right, must not live on here. */
const keptMs = 10 * secondMs;
const mostKept = 256;
const mostAtOnce = 8;
const reviewTimeoutMs = 5 * secondMs;
const retrySoon = { "retry-after": "1" };

/** Asks the API server about people, each question once in a few seconds and few at a time. */
export class ReviewCache implements Reviews {
  readonly #reviews: Reviews;
  readonly #clock: Clock;
  /** No token is kept, only its digest. */
  readonly #answers = new Map<string, { readonly answer: Promise<unknown>; readonly atMonoMs: MonoMs }>();
  #atOnce = 0;

  constructor(reviews: Reviews, clock: Clock) {
    this.#reviews = reviews;
    this.#clock = clock;
  }

  whose(token: string, signal: AbortSignal): Promise<Person | undefined> {
    const key = createHash("sha256").update(token).digest("base64");
    return this.#once(`token ${key}`, signal, (limited) => this.#reviews.whose(token, limited));
  }

  may(person: Person, right: PersonsRight, signal: AbortSignal): Promise<boolean> {
    const key = `right ${JSON.stringify([person, right])}`;
    return this.#once(key, signal, (limited) => this.#reviews.may(person, right, limited));
  }

  /** @param signal of the server: one caller's going away must not spoil the answer for the others */
  #once<T>(key: string, signal: AbortSignal, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const now = this.#clock.now().monoMs;
    const known = this.#answers.get(key);
    if (known !== undefined && now - known.atMonoMs < keptMs) return known.answer as Promise<T>;
    if (this.#atOnce >= mostAtOnce)
      throw new Refusal(429, "too-many-reviews", "too many tokens are being reviewed; try again", {
        "retry-after": "1",
      });
    const answer = this.#ask(ask, signal);
    this.#keep(key, answer, now);
    return answer;
  }

  async #ask<T>(ask: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    using deadline = this.#clock.deadline(reviewTimeoutMs, signal);
    this.#atOnce += 1;
    try {
      return await ask(deadline.signal);
    } catch (error) {
      // Whatever it is, a right of ours that is missing or a server that is away, the visitor is not to blame for it.
      const why = error instanceof AcesoError ? messageOf(error) : "";
      throw new Refusal(503, "not-reviewed", `the API server could not be asked about this token: ${why}`, retrySoon);
    } finally {
      this.#atOnce -= 1;
    }
  }

  #keep(key: string, answer: Promise<unknown>, atMonoMs: MonoMs): void {
    this.#answers.delete(key);
    this.#answers.set(key, { answer, atMonoMs });
    // What could not be asked is asked again.
    answer.catch(() => this.#answers.delete(key));
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > mostKept && oldest !== undefined) this.#answers.delete(oldest);
  }
}
