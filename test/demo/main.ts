// `npm run demo`: six machines, two replicas of Aceso, and one machine that dies.
import { parseArgs } from "node:util";
import { messageOf } from "../../src/core/errors.ts";
import { runDemo } from "./demo.ts";

const usage = `npm run demo [-- OPTIONS]
  --once            end by itself when the killed node is healed: exit code 0, else 1 with the reason
  --plain           plain lines, also on a terminal
  --within SECONDS  how long --once may take (default 100)
`;

const stop = new AbortController();
// more than once: a terminal and npm may both send it
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => stop.abort(new Error(`stopped by ${name}`)));
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`demo: ${messageOf(error)}\n`);
  process.exitCode = stop.signal.aborted ? 130 : 1;
}

async function main(): Promise<number> {
  const options = { once: "boolean", plain: "boolean", help: "boolean", within: "string" } as const;
  const { values } = parseArgs({
    options: Object.fromEntries(Object.entries(options).map(([name, type]) => [name, { type }])),
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const seconds = Number(values.within ?? 100);
  if (!(seconds > 0)) throw new Error(`--within ${String(values.within)}: expected seconds, such as 100`);
  return runDemo({
    isOnce: values.once === true,
    isPlain: values.plain === true,
    withinMs: seconds * 1_000,
    signal: stop.signal,
  });
}
