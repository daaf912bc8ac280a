import { type Command, Option } from "commander";
import type { CliPorts } from "./cli-ports.ts";
import { clusterFlags, type ParsedCluster, withClusterOptions } from "./cluster-options.ts";
import { addDoctor } from "./doctor-options.ts";
import { type Output, outputs } from "./output.ts";

type Done = (exitCode: number) => void;
interface Shown extends ParsedCluster {
  readonly output: Output;
  readonly config?: string;
}
interface Watching extends Shown {
  readonly watch: boolean;
  readonly interval: string;
}
interface Reasoned extends ParsedCluster {
  readonly reason?: string;
}

const nodeArgument = ["<node>", "name of the Node"] as const;

/** The commands that ask or tell a running Aceso something, through the API server. */
export function addClusterCommands(program: Command, ports: CliPorts, done: Done): void {
  const add = (name: string, description: string) =>
    withClusterOptions(program.command(name).description(description), ports);
  addReading(add, ports, done);
  addPauses(add, ports, done);
  addRequests(add, ports, done);
  addDoctor(add, ports, done);
}

type Add = (name: string, description: string) => Command;

function addReading(add: Add, ports: CliPorts, done: Done): void {
  withView(add("status", "nodes that are not well, repairs, pauses, leader and observers"))
    .option("-w, --watch", "go on looking: drawn anew on a terminal, else written when something has changed", false)
    .option("--interval <duration>", "with --watch, the least pause between two looks", "5s")
    .action(async (parsed: Watching) => {
      const { statusCommand } = await import("./status-command.ts");
      const { output, config, watch, interval } = parsed;
      const watchEvery = watch ? interval : undefined;
      done(await statusCommand(ports, { ...clusterFlags(parsed), output, config, watchEvery }));
    });
  withView(add("explain", "why Aceso does, or does not, do something about a node"))
    .argument(...nodeArgument)
    .action(async (node: string, parsed: Shown) => {
      const { explainCommand } = await import("./explain-command.ts");
      done(
        await explainCommand(ports, node, { ...clusterFlags(parsed), output: parsed.output, config: parsed.config }),
      );
    });
  withOutput(add("history", "repairs of a node, newest first"))
    .argument(...nodeArgument)
    .action(async (node: string, parsed: Shown) => {
      const { historyCommand } = await import("./history-command.ts");
      done(await historyCommand(ports, node, { ...clusterFlags(parsed), output: parsed.output }));
    });
}

function addPauses(add: Add, ports: CliPorts, done: Done): void {
  add("pause", "stop the next act on the nodes, or on the whole cluster; healed nodes are still returned to service")
    .argument("[node...]", "names of Nodes; none means the whole cluster")
    .option("--for <duration>", "how long, as 30m or 2h; else until resume")
    .option("--until <time>", "until when, as 2026-01-31T18:00:00Z")
    .option("--reason <text>", "why, for those who read it later")
    .action(async (nodes: string[], parsed: Reasoned & { for?: string; until?: string }) => {
      const { pauseCommand } = await import("./pause-command.ts");
      const { reason, until } = parsed;
      done(await pauseCommand(ports, nodes, { ...clusterFlags(parsed), reason, until, for: parsed.for }));
    });
  add("resume", "end a pause")
    .argument("[node...]", "names of Nodes; none means the whole cluster")
    .action(async (nodes: string[], parsed: ParsedCluster) => {
      const { resumeCommand } = await import("./pause-command.ts");
      done(await resumeCommand(ports, nodes, clusterFlags(parsed)));
    });
}

function addRequests(add: Add, ports: CliPorts, done: Done): void {
  add("repair", "repair a node without waiting for its checks; all guards still hold")
    .argument(...nodeArgument)
    .option("--reason <text>", "why, for those who read it later")
    .option("--release-hold", "let a held repair go on with fresh attempts", false)
    .action(async (node: string, parsed: Reasoned & { releaseHold: boolean }) => {
      const { repairCommand } = await import("./repair-command.ts");
      const { reason, releaseHold } = parsed;
      done(await repairCommand(ports, node, { ...clusterFlags(parsed), reason, releaseHold }));
    });
  add("confirm-off", "say that you have seen the machine of a node to be off")
    .argument(...nodeArgument)
    .option("--reason <text>", "how you know, for those who read it later")
    .option("-y, --yes", "do not ask back", false)
    .action(async (node: string, parsed: Reasoned & { yes: boolean }) => {
      const { confirmOffCommand } = await import("./repair-command.ts");
      const { reason, yes } = parsed;
      done(await confirmOffCommand(ports, node, { ...clusterFlags(parsed), reason, yes }));
    });
}

function withOutput(command: Command): Command {
  return command.addOption(new Option("-o, --output <format>", "format").choices(outputs).default("table"));
}

function withView(command: Command): Command {
  return withOutput(command).option(
    "--config <file>",
    "judge by this configuration instead of the cluster's ConfigMap",
  );
}
