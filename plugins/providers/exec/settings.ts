import {
  type Capability,
  capabilities,
  type ParamMistake,
  type ParamSchema,
  type ParamValues,
  PluginParamError,
} from "../../../src/plugin-api/index.ts";

export type Operation = "identify" | Capability;

/** The `exec:` section, checked. */
export interface ExecSettings {
  readonly protocol: "json" | "fence-agent";
  /** Program and arguments, at least the program. */
  readonly command: readonly [string, ...string[]];
  readonly operations: readonly Operation[];
  readonly timeoutMs: number;
  readonly options: Readonly<Record<string, string>>;
  readonly optionsFile: string | undefined;
}

export const execSchema: ParamSchema = {
  protocol: {
    doc: "How to talk to the program: `json` (one object in, one out) or `fence-agent` (any ClusterLabs fence_* program).",
    format: ["json", "fence-agent"],
    default: "json",
  },
  command: {
    doc: "Program and its arguments, started without a shell. Arguments show in the process list: no secrets here.",
    format: "strings",
    default: null,
    required: true,
  },
  operations: {
    doc: "What the program can do: identify, observe, power-off, power-on, soft-reboot, hard-reboot, rebuild, replace.",
    format: "strings",
    default: ["observe", "power-off", "power-on"],
  },
  timeout: {
    doc: "Longest run of the program for one operation; then its process group is killed.",
    format: "duration",
    default: "60s",
  },
  options: {
    doc: "Names and values handed to the program on standard input.",
    format: "labels",
    default: {},
    sensitive: true,
  },
  "options-file": {
    doc: "File of NAME=VALUE lines added to `options`, read at each call: the place for passwords (a mounted Secret).",
    format: "path",
    default: null,
  },
};

const known: readonly string[] = ["identify", ...capabilities] satisfies Operation[];

/** A fence agent's actions that Aceso uses; `reboot` is not among them, because off and on are two acts. */
const fenceAgentOperations: readonly string[] = ["observe", "power-off", "power-on"];

/** Names that a fence agent would take from us, under all the names it knows them by. */
const reserved: readonly string[] = ["action", "option", "plug", "port", "nodename"];

/** @throws PluginParamError when the parameters make no sense together */
export function toSettings(params: ParamValues): ExecSettings {
  const [mistake] = execMistakes(params);
  if (mistake !== undefined) throw new PluginParamError(`exec.${mistake.key}: ${mistake.message}`);
  const [program = "", ...args] = params.command as readonly string[];
  return {
    protocol: params.protocol as ExecSettings["protocol"],
    command: [program, ...args],
    operations: params.operations as readonly Operation[],
    timeoutMs: params.timeout as number,
    options: optionsOf(params),
    optionsFile: params["options-file"] as string | undefined,
  };
}

/** What the schema cannot say; the loader reports each with its place in the file. */
export function execMistakes(params: ParamValues): readonly ParamMistake[] {
  // The loader validated the values against execSchema.
  const protocol = params.protocol as ExecSettings["protocol"];
  const [program] = params.command as readonly string[];
  const missing = program === undefined || program === "";
  return [
    ...(missing ? [{ key: "command", message: "names no program" }] : []),
    ...operationMistakes(protocol, params.operations as readonly string[]),
    ...(protocol === "fence-agent" ? fenceOptionMistakes(optionsOf(params)) : []),
  ];
}

function operationMistakes(protocol: ExecSettings["protocol"], operations: readonly string[]): ParamMistake[] {
  const allowed = protocol === "json" ? known : fenceAgentOperations;
  const wrong = operations.filter((operation) => !allowed.includes(operation));
  const mistakes = wrong.map((operation) => ({
    key: "operations",
    message: `"${operation}" is not one of ${allowed.join(", ")} (protocol ${protocol})`,
  }));
  if (operations.includes("observe")) return mistakes;
  return [...mistakes, { key: "operations", message: "lacks observe: nothing can be proven off without it" }];
}

function fenceOptionMistakes(options: Readonly<Record<string, string>>): ParamMistake[] {
  return Object.entries(options).flatMap(([name, value]) => {
    const key = `options.${name}`;
    if (reserved.includes(name)) return [{ key, message: "is set by Aceso for each call" }];
    if (!/[\n\r=]/.test(name) && !/[\n\r]/.test(value)) return [];
    return [{ key, message: "a fence agent reads one NAME=VALUE per line" }];
  });
}

/** @throws PluginParamError when an option would break the line format or take the place of our own lines */
export function checkFenceOptions(options: Readonly<Record<string, string>>): void {
  const [mistake] = fenceOptionMistakes(options);
  if (mistake !== undefined) throw new PluginParamError(`exec.${mistake.key}: ${mistake.message}`);
}

function optionsOf(params: ParamValues): Record<string, string> {
  const options = (params.options ?? {}) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]));
}
