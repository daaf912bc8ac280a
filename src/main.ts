import packageJson from "../package.json" with { type: "json" };
import { processPorts } from "./app/cli-ports.ts";
import { runCli } from "./cli/program.ts";

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));
// `aceso status | head` closes the pipe early; that is no error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await runCli(process.argv.slice(2), processPorts(packageJson.version, stop.signal));
