import type { ClusterAnnotations } from "../core/view.ts";

export type { ClusterAnnotations };

/** The DaemonSet whose `aceso.dev/paused*` annotations pause everything. */
export interface PauseSource {
  /** As last watched. */
  current(): ClusterAnnotations;
  /** Reads it now. Never throws: what cannot be read is `unreadable`. */
  read(signal: AbortSignal): Promise<ClusterAnnotations>;
  onChange(listener: () => void): () => void;
  run(signal: AbortSignal): Promise<void>;
}
