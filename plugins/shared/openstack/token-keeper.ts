import { type Clock, type Log, messageOf } from "../../../src/plugin-api/index.ts";
import type { CloudAccess } from "./cloud-access.ts";
import { OpenStackAuthError } from "./errors.ts";
import type { Token } from "./keystone.ts";

export interface TokenKeeperParts {
  readonly clock: Clock;
  readonly log: Log;
  readAccess(): Promise<CloudAccess>;
  logIn(access: CloudAccess, signal: AbortSignal): Promise<Token>;
}

/** A token and when, on our own monotonic clock, it stops being used. */
interface HeldToken {
  readonly token: Token;
  /** From here a new one is got beside the calls. */
  readonly renewAtMs: number;
  /** From here calls wait for the new one. */
  readonly endAtMs: number;
}

/** A failed login, which stands for all until then. */
interface Refusal {
  readonly access: CloudAccess;
  readonly error: OpenStackAuthError;
  readonly untilMs: number;
  readonly waitMs: number;
}

const loginMs = 30_000;
const refusedWaitMs = { first: 30_000, most: 300_000 };
const unreachableWaitMs = { first: 1_000, most: 10_000 };
const leastUseMs = 5_000;
const dropWaitMs = { first: 5_000, most: 300_000 };

/**
 * Holds the session's token. Whoever needs one while there is none shares one login; a login that failed is not tried
 * again before a pause that doubles, unless the credentials' files changed.
 */
export class TokenKeeper {
  readonly #parts: TokenKeeperParts;
  readonly #closing = new AbortController();
  #held: HeldToken | undefined;
  #login: { readonly access: CloudAccess; readonly token: Promise<Token> } | undefined;
  #refusal: Refusal | undefined;
  #droppedAtMs = Number.NEGATIVE_INFINITY;
  #dropWaitMs = dropWaitMs.first;

  constructor(parts: TokenKeeperParts) {
    this.#parts = parts;
  }

  /**
   * @param signal ends this caller's wait, not the login, which others may share
   * @throws OpenStackAuthError; the signal's reason
   */
  async token(signal: AbortSignal): Promise<Token> {
    const access = await this.#access();
    const nowMs = this.#parts.clock.now().monoMs;
    const held = this.#held?.token.access === access ? this.#held : undefined;
    if (held !== undefined && nowMs < held.renewAtMs) return held.token;
    if (held !== undefined && nowMs < held.endAtMs) {
      if (!this.#isPausing(access, nowMs)) this.#renew(access);
      return held.token;
    }
    if (this.#isPausing(access, nowMs)) throw this.#remembered(nowMs);
    return await waitFor(this.#logIn(access), signal);
  }

  /**
   * A service does not take this token.
   *
   * @returns whether another login may help. False so soon after the last one that it would become a storm, as with a
   *   service that takes no token at all: then the pause between two doubles, to five minutes
   */
  drop(token: Token): boolean {
    if (this.#held?.token !== token) return true;
    const nowMs = this.#parts.clock.now().monoMs;
    const sinceMs = nowMs - this.#droppedAtMs;
    if (sinceMs < this.#dropWaitMs) return false;
    const isRare = sinceMs >= 4 * this.#dropWaitMs;
    this.#dropWaitMs = isRare ? dropWaitMs.first : Math.min(dropWaitMs.most, 2 * this.#dropWaitMs);
    this.#droppedAtMs = nowMs;
    this.#held = undefined;
    return true;
  }

  /** Ends a login under way. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("the session is closed"));
    await this.#login?.token.catch(() => {});
  }

  /** Files that cannot be read do not matter while there is a token. */
  async #access(): Promise<CloudAccess> {
    try {
      return await this.#parts.readAccess();
    } catch (error) {
      const held = this.#held;
      if (held === undefined || this.#parts.clock.now().monoMs >= held.endAtMs) throw error;
      this.#parts.log.debug({ problem: messageOf(error) }, "credentials cannot be read; the token still holds");
      return held.token.access;
    }
  }

  #renew(access: CloudAccess): void {
    const isBegun = this.#login?.access === access;
    this.#logIn(access).catch((error: unknown) => {
      if (isBegun || this.#closing.signal.aborted) return;
      this.#parts.log.warn({ problem: messageOf(error) }, "the token was not renewed; calls fail when it ends");
    });
  }

  /** One login at a time: with the same credentials it is shared, with newer ones it comes after. */
  #logIn(access: CloudAccess): Promise<Token> {
    const before = this.#login;
    if (before?.access === access) return before.token;
    const begun =
      before === undefined
        ? this.#attempt(access)
        : before.token.then(noToken, noToken).then(() => this.#attempt(access));
    const login = { access, token: begun };
    this.#login = login;
    const over = () => {
      if (this.#login === login) this.#login = undefined;
    };
    begun.then(over, over);
    return begun;
  }

  async #attempt(access: CloudAccess): Promise<Token> {
    const { clock, log } = this.#parts;
    const sentAtMs = clock.now().monoMs;
    using deadline = clock.deadline(loginMs, this.#closing.signal);
    try {
      const token = await this.#parts.logIn(access, deadline.signal);
      this.#held = toHeld(token, sentAtMs);
      this.#refusal = undefined;
      log.debug({ lifetimeMs: token.lifetimeMs, projectId: token.projectId }, "logged in to Keystone");
      return token;
    } catch (error) {
      if (error instanceof OpenStackAuthError) this.#refuse(access, error);
      throw error;
    }
  }

  #refuse(access: CloudAccess, error: OpenStackAuthError): void {
    const { first, most } = error.remedy === "retry" ? unreachableWaitMs : refusedWaitMs;
    const before = this.#refusal;
    const isSame = before?.access === access && before.error.remedy === error.remedy;
    const waitMs = isSame ? Math.min(most, before.waitMs * 2) : first;
    this.#refusal = { access, error, waitMs, untilMs: this.#parts.clock.now().monoMs + waitMs };
  }

  #isPausing(access: CloudAccess, nowMs: number): boolean {
    return this.#refusal !== undefined && this.#refusal.access === access && nowMs < this.#refusal.untilMs;
  }

  #remembered(nowMs: number): OpenStackAuthError {
    const { error, untilMs } = this.#refusal as Refusal;
    const seconds = Math.max(1, Math.ceil((untilMs - nowMs) / 1_000));
    const message = `${error.message}; asked again in ${seconds} s`;
    return new OpenStackAuthError(message, error.remedy, { cause: error });
  }
}

const noToken = () => {};

function toHeld(token: Token, sentAtMs: number): HeldToken {
  const { lifetimeMs } = token;
  const endAfterMs = Math.max(leastUseMs, lifetimeMs - Math.min(30_000, lifetimeMs / 10));
  const renewAfterMs = Math.min(endAfterMs, lifetimeMs - Math.min(300_000, lifetimeMs / 5));
  return { token, endAtMs: sentAtMs + endAfterMs, renewAtMs: sentAtMs + Math.max(leastUseMs, renewAfterMs) };
}

/** The promise, or the signal's reason when it aborts first; the promise goes on for others. */
function waitFor<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
