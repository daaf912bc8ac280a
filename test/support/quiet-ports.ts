import type { Log } from "../../src/ports/log.ts";
import type { Meter } from "../../src/ports/meter.ts";

/** Says nothing. */
export const quietLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quietLog,
};

/** Counts nothing. */
export const quietMeter: Meter = {
  count: () => undefined,
  set: () => undefined,
  replace: () => undefined,
  time: () => undefined,
};

/** Every line to standard error; for looking at a test that fails. */
export const loudLog: Log = {
  debug: (fields, message) => print("debug", fields, message),
  info: (fields, message) => print("info", fields, message),
  warn: (fields, message) => print("warn", fields, message),
  error: (fields, message) => print("error", fields, message),
  child: () => loudLog,
};

function print(level: string, fields: object, message: string): void {
  process.stderr.write(
    `${level} ${message} ${JSON.stringify(fields, (_key, value) => (value instanceof Error ? value.stack : value))}\n`,
  );
}
