import { pino } from "pino";
import type { Log } from "../ports/log.ts";

/** Keys whose values never reach the log, as deep as this within its fields. */
const secretKeys = ["password", "token", "secret", "authorization", "Authorization", "x-auth-token", "X-Auth-Token"];
const deepest = 4;

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** JSON lines on standard output. */
export function createLog(level: LogLevel, write: (line: string) => void = (line) => process.stdout.write(line)): Log {
  const base = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: errorText },
    },
    { write },
  );
  return wrap(base);
}

/** Stack and code of an error, without the fields that libraries hang on it (requests with their headers). */
function errorText(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack } = error;
  const code = "code" in error ? String(error.code) : undefined;
  const cause = error.cause instanceof Error ? `${error.cause.name}: ${error.cause.message}` : undefined;
  return { name, message, code, cause, stack };
}

function wrap(logger: pino.Logger): Log {
  return {
    debug: (fields, message) => logger.debug(censored(fields), message),
    info: (fields, message) => logger.info(censored(fields), message),
    warn: (fields, message) => logger.warn(censored(fields), message),
    error: (fields, message) => logger.error(censored(fields), message),
    child: (fields) => wrap(logger.child(censored(fields))),
  };
}

/** The same object where nothing in it is secret. pino's own way costs ten times what the rest of a line does. */
function censored<T>(value: T, depth = 1): T {
  if (typeof value !== "object" || value === null || depth > deepest) return value;
  let clean: Record<string, unknown> | undefined;
  for (const [key, its] of Object.entries(value)) {
    // `err` of a line is written by errorText, which leaves out what hangs on it
    if (depth === 1 && key === "err") continue;
    const shown = secretKeys.includes(key) ? "[Redacted]" : censored(its, depth + 1);
    if (shown === its) continue;
    clean ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
    clean[key] = shown;
  }
  // a copy with the same keys
  return (clean ?? value) as T;
}
