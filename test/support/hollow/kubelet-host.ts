import type { Role } from "../../../src/core/model.ts";
import type { Clock } from "../../../src/ports/clock.ts";

/** What a kubelet and its Node show of the machine that the kubelet runs on. */
export interface KubeletHost {
  /** Of the machine and of its node. */
  readonly name: string;
  readonly role: Role;
  readonly clock: Clock;
  readonly providerID: string;
  readonly systemUUID: string;
  readonly bootId: string;
  /** Its kubelet runs and reaches the API. */
  readonly isTalking: boolean;
  /** Called after each change. @returns what ends it */
  onChange(listener: () => void): () => void;
}
