import { Command, CommanderError, Option } from "commander";
import type { CliPorts } from "./cli-ports.ts";
import { addClusterCommands } from "./cluster-commands.ts";
import { exitCodeHelp, exitCodes, toExit } from "./exit-codes.ts";
import { addRunCommand } from "./run-options.ts";

/**
 * Runs one command line. Never throws: what went wrong is on standard error, with what to do.
 *
 * @param args without node and script
 * @returns the exit code
 */
export async function runCli(args: readonly string[], ports: CliPorts): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = buildProgram(ports, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args.length === 0 ? ["--help"] : [...args], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (ports.signal.aborted) return exitCodes.interrupted;
    const exit = toExit(error);
    ports.err(`error: ${exit.text}\n`);
    return exit.exitCode;
  }
}

/** The commands. Each loads what it needs only when it runs. */
export function buildProgram(ports: CliPorts, done: (exitCode: number) => void): Command {
  const program = new Command("aceso")
    .description("Heals the machines under a Kubernetes cluster.")
    .exitOverride()
    .showSuggestionAfterError()
    .helpCommand(true)
    .configureOutput({ writeOut: ports.out, writeErr: ports.err, outputError: (text, write) => write(text) })
    .addHelpText("after", `\n${exitCodeHelp}`);
  addRunCommand(program, ports, done);
  addClusterCommands(program, ports, done);
  addCheckConfig(program, ports, done);
  addVersion(program, ports, done);
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

function addCheckConfig(program: Command, ports: CliPorts, done: (exitCode: number) => void): void {
  program
    .command("check-config")
    .description("validate a configuration file and print what holds, without secrets")
    .argument("<file>", "a config.yaml, or - for standard input")
    .addOption(new Option("-o, --output <format>", "format").choices(["yaml", "json"]).default("yaml"))
    .action(async (file: string, { output }: { output: "yaml" | "json" }) => {
      const { checkConfigCommand } = await import("./config-command.ts");
      done(await checkConfigCommand(ports, file, output));
    });
}

function addVersion(program: Command, ports: CliPorts, done: (exitCode: number) => void): void {
  program
    .command("version")
    .description("print the version")
    .addOption(new Option("-o, --output <format>", "format").choices(["text", "json"]).default("text"))
    .action(({ output }: { output: "text" | "json" }) => {
      const { version } = ports;
      ports.out(output === "json" ? `${JSON.stringify({ version, node: process.version })}\n` : `aceso ${version}\n`);
      done(exitCodes.ok);
    });
}
