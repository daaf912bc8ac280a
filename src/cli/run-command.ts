import type { CliPorts, RunRequest } from "./cli-ports.ts";
import { CommandError, exitCodes } from "./exit-codes.ts";

/** What commander parsed for `run`. */
export interface RunFlags extends Omit<RunRequest, "settings" | "configFile"> {
  readonly config: string;
  /** `path=value` texts of --set. */
  readonly set: readonly string[];
  /** Values of the flags that stand for one key, by key. */
  readonly keys: Readonly<Record<string, string>>;
}

/** Flags of `run` that stand for one key of the configuration. */
export const keyFlags = [
  { key: "dry-run", hint: "say what would be done and do nothing" },
  { key: "cloud-provider", hint: "who owns the machines", needsValue: true },
  { key: "leader-elect", hint: "elect a leader through a Lease" },
  { key: "max-unhealthy", hint: "share (40%) or count of ill nodes above which nothing begins", needsValue: true },
  { key: "max-parallel", hint: "repairs at work at the same time", needsValue: true },
  { key: "max-repairs-per-hour", hint: "repairs begun within any hour", needsValue: true },
] as const;

/** `aceso run`: one replica, until SIGTERM. */
export async function runCommand(ports: CliPorts, flags: RunFlags): Promise<number> {
  const { config, set, keys, ...rest } = flags;
  return ports.run({ ...rest, configFile: config, settings: { ...keys, ...settingsOf(set) } });
}

function settingsOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new CommandError(
        `--set ${text}: expected KEY=VALUE, as in --set fencing.accept-unproven=true`,
        exitCodes.usage,
      );
    }),
  );
}
