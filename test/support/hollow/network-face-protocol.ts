import type { FaceMode } from "./network-face.ts";

/** Given to the thread at its start. */
export interface FaceSettings {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** One number: the mode wanted. The thread sleeps on it while that is `mute`. */
  readonly shared: Int32Array;
}

/** Sent to the thread. It answers each change of mode with its port. */
export interface FaceRequest {
  readonly mode?: FaceMode;
  readonly health?: number;
}

/** The modes as numbers that two threads can share. */
export const modes: Readonly<Record<FaceMode, number>> = { mute: 0, alive: 1, refused: 2 };

/** Connections that may wait to be accepted. Short, so that it is quickly full; long enough for a few probes at once. */
export const backlog = 4;
