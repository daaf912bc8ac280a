import { type Command, Option } from "commander";
import type { CliPorts } from "./cli-ports.ts";
import { clusterFlags, type ParsedCluster, withClusterOptions } from "./cluster-options.ts";
import { keyFlags } from "./run-command.ts";

interface Parsed extends ParsedCluster {
  readonly config: string;
  readonly nodeName?: string;
  readonly instance: string;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly set: readonly string[];
  readonly [key: string]: unknown;
}

/** `aceso run` with its flags. */
export function addRunCommand(program: Command, ports: CliPorts, done: (exitCode: number) => void): void {
  const { env } = ports;
  const command = withClusterOptions(program.command("run"), ports)
    .description("run one replica: observe, and repair while leading")
    .option("--config <file>", "configuration", "/etc/aceso/config.yaml")
    .option("--node-name <name>", "node that this replica runs on; $NODE_NAME", env.NODE_NAME || undefined)
    .option(
      "--instance <name>",
      "name of this replica; $POD_NAME, else the host's name",
      env.POD_NAME || ports.hostName,
    )
    .addOption(
      new Option("--log-level <level>", "least that is logged")
        .choices(["debug", "info", "warn", "error"])
        .default("info"),
    );
  for (const flag of keyFlags) {
    const value = "needsValue" in flag ? "<value>" : "[true|false]";
    command.option(`--${flag.key} ${value}`, `${flag.hint} (overrules the file)`);
  }
  command
    .option("--set <key=value>", "any other key of the configuration; may be repeated", collect, [])
    .action(async (parsed: Parsed) => {
      const { runCommand } = await import("./run-command.ts");
      const { config, nodeName, instance, logLevel, set } = parsed;
      const flags = { ...clusterFlags(parsed), config, nodeName, instance, logLevel, set, keys: keysOf(parsed) };
      done(await runCommand(ports, flags));
    });
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

/** A flag without a value means `true`. */
function keysOf(parsed: Parsed): Record<string, string> {
  return Object.fromEntries(
    keyFlags.flatMap(({ key }) => {
      const value = parsed[key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
      return value === undefined ? [] : [[key, String(value)]];
    }),
  );
}
