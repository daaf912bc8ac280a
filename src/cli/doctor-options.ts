import { type Command, Option } from "commander";
import type { CliPorts } from "./cli-ports.ts";
import { clusterFlags, type ParsedCluster } from "./cluster-options.ts";
import type { DoctorOutput } from "./doctor-command.ts";

interface Parsed extends ParsedCluster {
  readonly config?: string;
  readonly output: DoctorOutput;
  readonly strict: boolean;
  readonly allMachines: boolean;
  readonly uninstall: boolean;
}

/** `aceso doctor` with its flags. */
export function addDoctor(
  add: (name: string, description: string) => Command,
  ports: CliPorts,
  done: (exitCode: number) => void,
): void {
  add("doctor", "look for what keeps Aceso from working here, before and after installing; changes nothing")
    .option("--config <file>", "judge this configuration, from this machine, instead of the cluster's ConfigMap")
    .addOption(new Option("-o, --output <format>", "format").choices(["text", "json"]).default("text"))
    .option("--strict", "exit with 1 on warnings, too", false)
    .option("--all-machines", "ask the provider about every node, not only about 40", false)
    .option("--uninstall", "print what Aceso still holds in the cluster, as a script that gives it back", false)
    .action(async (parsed: Parsed) => {
      const { doctorCommand } = await import("./doctor-command.ts");
      const { config, output, strict, allMachines, uninstall } = parsed;
      const request = { ...clusterFlags(parsed), configFile: config, asksAllMachines: allMachines };
      done(await doctorCommand(ports, request, { output, isStrict: strict, isUninstall: uninstall }));
    });
}
