// `npm run demo`: six machines, two replicas of Aceso, and one machine that dies.
import { parseArgs } from "node:util";
import { messageOf } from "../../src/core/errors.ts";
import { runDemo } from "./demo.ts";
import { providers } from "./machines.ts";

const usage = `npm run demo [-- OPTIONS]
  --provider NAME   who owns the machines: exec, a program that switches them (default),
                    or openstack, a simulated cloud with Keystone, Nova, Heat and Magnum
  --once            end by itself when the killed node is healed: exit code 0, else 1 with the reason
  --plain           plain lines, also on a terminal
  --within SECONDS  how long --once may take (default 100)
`;

const stop = new AbortController();
// more than once: a terminal and npm may both send it
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => stop.abort(new Error(`stopped by ${name}`)));
}

// the terminal or the reader of the pipe is gone: what runs must still be ended
for (const stream of [process.stdout, process.stderr]) stream.on("error", (error) => stop.abort(error));

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`demo: ${messageOf(error)}\n`);
  process.exitCode = stop.signal.aborted ? 130 : 1;
}

async function main(): Promise<number> {
  const asked = parse();
  if (typeof asked === "string") {
    process.stderr.write(`demo: ${asked}\n${usage}`);
    return 2;
  }
  if (asked.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  return runDemo({
    provider: asked.provider,
    isOnce: asked.once === true,
    isPlain: asked.plain === true,
    withinMs: Number(asked.within) * 1_000,
    signal: stop.signal,
  });
}

/** The options, or what is wrong with them. */
function parse() {
  try {
    const flag = { type: "boolean" } as const;
    const within = { type: "string", default: "100" } as const;
    const named = { type: "string", default: "exec" } as const;
    const { values } = parseArgs({ options: { provider: named, once: flag, plain: flag, help: flag, within } });
    const provider = providers.find((each) => each === values.provider);
    if (provider === undefined) return `--provider ${values.provider}: expected ${providers.join(" or ")}`;
    if (!(Number(values.within) > 0)) return `--within ${values.within}: expected seconds, such as 100`;
    return { ...values, provider };
  } catch (error) {
    return messageOf(error);
  }
}
