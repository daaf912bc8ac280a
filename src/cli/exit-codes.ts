import type { ErrorCode } from "../core/error-codes.ts";
import { AcesoError, messageOf } from "../core/errors.ts";

/** Exit codes of every command; `aceso --help` prints them. */
export const exitCodes = {
  ok: 0,
  /** It could not be done, or the answer is no. */
  failure: 1,
  /** Wrong use, or a configuration, kubeconfig or provider that cannot be used. */
  usage: 2,
  /** The node, repair or DaemonSet does not exist. */
  notFound: 3,
  /** The API server does not let this user do it. */
  denied: 4,
  /** No API server could be asked; trying again may help. */
  unavailable: 5,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
} as const;

export const exitCodeHelp = `Exit codes: 0 done, 1 not done, 2 wrong use or refused configuration, 3 not found, 4 not allowed,
            5 API server not reachable, 130 interrupted.`;

/** What a command refuses to do, with what to do instead. */
export class CommandError extends AcesoError {
  readonly code = "ACESO_COMMAND";
  readonly remedy = "ask-operator";
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.failure, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** By error code; what is not listed exits with 1. */
const byCode: Partial<Readonly<Record<ErrorCode, number>>> = {
  ACESO_CONFIG: exitCodes.usage,
  ACESO_CONFIG_FILE: exitCodes.usage,
  ACESO_PLUGIN_LOAD: exitCodes.usage,
  ACESO_PLUGIN_PARAMS: exitCodes.usage,
  ACESO_PROVIDER: exitCodes.usage,
  ACESO_KUBE_ACCESS: exitCodes.usage,
  ACESO_NOT_INSTALLED: exitCodes.notFound,
  ACESO_KUBE_NOT_FOUND: exitCodes.notFound,
  ACESO_KUBE_FORBIDDEN: exitCodes.denied,
  ACESO_KUBE_UNAUTHORIZED: exitCodes.denied,
  ACESO_KUBE_UNAVAILABLE: exitCodes.unavailable,
  ACESO_KUBE_TOO_MANY_REQUESTS: exitCodes.unavailable,
};

/** The exit code of a command that ends with this error; undefined where the error brings its own. */
export function exitCodeOf(code: ErrorCode): number | undefined {
  return code === "ACESO_COMMAND" ? undefined : (byCode[code] ?? exitCodes.failure);
}

/** The exit code and the text for people of anything thrown. Only what is not ours, a bug, comes with its stack. */
export function toExit(error: unknown): { readonly exitCode: number; readonly text: string } {
  if (error instanceof CommandError) return { exitCode: error.exitCode, text: error.message };
  if (error instanceof AcesoError) {
    return { exitCode: exitCodeOf(error.code) ?? exitCodes.failure, text: `${error.message} (${error.code})` };
  }
  const stack = error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error);
  return { exitCode: exitCodes.failure, text: `this is a bug in aceso, please report it: ${stack}` };
}
