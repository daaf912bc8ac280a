import type { Log } from "../ports/log.ts";
import type { Meter } from "../ports/meter.ts";

/** For commands of people: what matters reaches them as the command's own output. */
export const quietLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quietLog,
};

export const quietMeter: Meter = {
  count: () => undefined,
  set: () => undefined,
  replace: () => undefined,
  time: () => undefined,
};
