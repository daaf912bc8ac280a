import {
  type Capability,
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

const known: readonly string[] = [
  "identify",
  "observe",
  "power-off",
  "power-on",
  "soft-reboot",
  "hard-reboot",
  "rebuild",
  "replace",
] satisfies Operation[];

/** A fence agent's actions that Aceso uses; `reboot` is not among them, because off and on are two acts. */
const fenceAgentOperations: readonly string[] = ["observe", "power-off", "power-on"];

/** Names that a fence agent would take from us, under all the names it knows them by. */
const reserved: readonly string[] = ["action", "option", "plug", "port", "nodename"];

/** @throws PluginParamError when the parameters make no sense together */
export function toSettings(params: ParamValues): ExecSettings {
  // The loader validated the values against execSchema.
  const protocol = params.protocol as ExecSettings["protocol"];
  const [program, ...args] = params.command as readonly string[];
  const operations = params.operations as readonly string[];
  const options = toTexts((params.options ?? {}) as Record<string, unknown>);
  if (program === undefined || program === "") throw new PluginParamError("exec.command names no program");
  checkOperations(protocol, operations);
  if (protocol === "fence-agent") checkFenceOptions(options);
  return {
    protocol,
    command: [program, ...args],
    operations: operations as readonly Operation[],
    timeoutMs: params.timeout as number,
    options,
    optionsFile: params["options-file"] as string | undefined,
  };
}

function checkOperations(protocol: ExecSettings["protocol"], operations: readonly string[]): void {
  const allowed = protocol === "json" ? known : fenceAgentOperations;
  const wrong = operations.find((operation) => !allowed.includes(operation));
  if (wrong !== undefined) {
    throw new PluginParamError(
      `exec.operations: "${wrong}" is not one of ${allowed.join(", ")} (protocol ${protocol})`,
    );
  }
  if (!operations.includes("observe")) {
    throw new PluginParamError("exec.operations lacks observe: nothing can be proven off without it");
  }
}

/** @throws PluginParamError when an option would break the line format or take the place of our own lines */
export function checkFenceOptions(options: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (reserved.includes(name)) throw new PluginParamError(`exec.options.${name} is set by Aceso for each call`);
    if (/[\n\r=]/.test(name) || /[\n\r]/.test(value)) {
      throw new PluginParamError(`exec.options.${name}: a fence agent reads one NAME=VALUE per line`);
    }
  }
}

function toTexts(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}
