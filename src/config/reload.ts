import { messageOf } from "../core/errors.ts";
import type { WallMs } from "../core/time.ts";
import { ConfigError } from "./problem.ts";

/** How the file on disk stands to the configuration that runs. A change takes effect with a restart only. */
export type DiskState =
  | { readonly kind: "same" }
  | {
      readonly kind: "differs";
      readonly text: string;
      readonly sinceWallMs: WallMs;
      readonly problem: string | undefined;
    };

export interface DiskCompare {
  /** Text that the running configuration was loaded from. */
  readonly running: string;
  /** Text on disk now. */
  readonly disk: string;
  readonly before: DiskState;
  readonly nowWallMs: WallMs;
  /** Loads the text. @throws ConfigError when it is not usable */
  readonly validate: (text: string) => unknown;
}

/** Compares the file with what runs and validates it once for each change. Pure. */
export function compareWithDisk({ running, disk, before, nowWallMs, validate }: DiskCompare): DiskState {
  if (disk === running) return { kind: "same" };
  if (before.kind === "differs" && before.text === disk) return before;
  const sinceWallMs = before.kind === "differs" ? before.sinceWallMs : nowWallMs;
  return { kind: "differs", text: disk, sinceWallMs, problem: problemOf(disk, validate) };
}

function problemOf(text: string, validate: (text: string) => unknown): string | undefined {
  try {
    validate(text);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return messageOf(error);
    throw error;
  }
}

/** One line for log, event and page; undefined while both are the same. */
export function diskStateText(state: DiskState): string | undefined {
  if (state.kind === "same") return undefined;
  const since = new Date(state.sinceWallMs).toISOString();
  const differs = `configuration on disk differs from running since ${since}`;
  if (state.problem === undefined) return `${differs}; it takes effect with kubectl rollout restart`;
  return `${differs} and would be refused: ${state.problem}`;
}
