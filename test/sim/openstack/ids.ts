import { createHash } from "node:crypto";
import { uuidOf } from "../kube/fixtures.ts";

/** Ids that look random and are the same in every run with the same seed. */
export class Ids {
  readonly #seed: string;
  #last = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  uuid(): string {
    return uuidOf(this.#next());
  }

  /** 32 hexadecimal digits, as Keystone names things. */
  hex(): string {
    return this.uuid().replaceAll("-", "");
  }

  requestId(): string {
    return `req-${this.uuid()}`;
  }

  /** As Heat appends to names: 12 letters and digits. */
  tail(): string {
    return BigInt(`0x${this.#digest().slice(0, 16)}`)
      .toString(36)
      .padStart(12, "a")
      .slice(0, 12);
  }

  /** Too long to be guessed, like a token. */
  secret(prefix = ""): string {
    return prefix + createHash("sha512").update(this.#next()).digest("base64url");
  }

  #digest(): string {
    return createHash("sha256").update(this.#next()).digest("hex");
  }

  #next(): string {
    this.#last += 1;
    return `${this.#seed} ${this.#last}`;
  }
}
