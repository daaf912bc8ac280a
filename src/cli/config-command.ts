import type { CliPorts } from "./cli-ports.ts";
import { exitCodes } from "./exit-codes.ts";

/** `aceso check-config FILE`: what holds, without secrets. Warnings go to standard error. */
export async function checkConfigCommand(ports: CliPorts, file: string, format: "yaml" | "json"): Promise<number> {
  const { text, warnings } = await ports.checkConfig(file, format);
  for (const warning of warnings) ports.err(`warning: ${warning}\n`);
  ports.out(text);
  return exitCodes.ok;
}
