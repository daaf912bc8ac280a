import type { NodeName } from "../core/model.ts";
import type { Policy } from "../core/policy.ts";
import type { ProbeSpec } from "../core/view.ts";
import type { PassiveSpec } from "./passive-findings.ts";

/** What the engine knows from the configuration. */
export interface EngineSettings {
  readonly policy: Policy;
  readonly passive: readonly PassiveSpec[];
  readonly probes: readonly ProbeSpec[];
  readonly instance: string;
  /** The node this replica runs on; undefined outside a cluster. */
  readonly ownNode: NodeName | undefined;
}
