/** A person's pause of the whole cluster, read from the DaemonSet's annotations. */
export interface Pause {
  readonly reason: string;
  readonly by: string | undefined;
  /** RFC 3339 text as written, undefined for no end. */
  readonly until: string | undefined;
}

/** `unreadable` counts as paused. `none`: no DaemonSet is configured (the program runs outside a cluster). */
export type ClusterAnnotations =
  | { readonly kind: "none" }
  | { readonly kind: "read"; readonly annotations: Readonly<Record<string, string>> }
  | { readonly kind: "unreadable"; readonly problem: string };

/** The DaemonSet whose `aceso.dev/paused*` annotations pause everything. */
export interface PauseSource {
  /** As last watched. */
  current(): ClusterAnnotations;
  /** Reads it now. Never throws: what cannot be read is `unreadable`. */
  read(signal: AbortSignal): Promise<ClusterAnnotations>;
  onChange(listener: () => void): () => void;
  run(signal: AbortSignal): Promise<void>;
}
