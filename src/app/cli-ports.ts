import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { createInterface } from "node:readline/promises";
import type { CliPorts, RunRequest } from "../cli/cli-ports.ts";
import { systemClock } from "./clock.ts";

/** The process around the command line. Everything heavy is loaded by the command that needs it. */
export function processPorts(version: string, signal: AbortSignal): CliPorts {
  return {
    version,
    env: process.env,
    hostName: hostname(),
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    clock: systemClock,
    signal,
    screen: () => {
      const { isTTY, rows, columns } = process.stdout;
      return isTTY === true && rows > 0 && columns > 0 ? { rows, columns } : undefined;
    },
    out: (text) => {
      process.stdout.write(text);
    },
    err: (text) => {
      process.stderr.write(text);
    },
    ask: (question) => ask(question, signal),
    newId: randomUUID,
    connect: async (flags) => (await import("./cli-cluster.ts")).openCluster(flags),
    checkConfig: async (file, format) => (await import("./cli-config.ts")).checkConfig(file, format),
    examine: async (request) => (await import("./doctor-facts.ts")).examine(request, signal),
    run: (request) => runReplica(request, version, signal),
  };
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question, { signal });
  } finally {
    lines.close();
  }
}

async function runReplica({ settings, ...request }: RunRequest, version: string, signal: AbortSignal): Promise<number> {
  const { requireKnownKeys } = await import("./cli-settings.ts");
  requireKnownKeys(Object.keys(settings));
  const { run } = await import("./run.ts");
  return run({ ...request, version, overrides: { env: process.env, flags: settings }, signal });
}
