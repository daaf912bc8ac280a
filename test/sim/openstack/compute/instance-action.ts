/** What one request did to a server, as `os-instance-actions` tells it. */
export interface InstanceAction {
  readonly requestId: string;
  readonly action: string;
  /** What a compute host does for it; undefined: none is asked. */
  readonly event: string | undefined;
  readonly host: string;
  readonly userId: string;
  readonly startedAtWallMs: number;
  updatedAtWallMs: number;
  /** `Error` once it failed. */
  message: "Error" | null;
  /** Null while it runs. */
  result: "Success" | "Error" | null;
  finishedAtWallMs: number | undefined;
}
