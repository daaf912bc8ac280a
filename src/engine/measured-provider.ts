import { AcesoError } from "../core/errors.ts";
import { secondMs } from "../core/time.ts";
import type { Provider } from "../plugin-api/provider.ts";
import type { Clock } from "../ports/clock.ts";
import type { Meter } from "../ports/meter.ts";

/** The calls to the owner that are counted, as the metric's label names them. `watch` lasts as long as the term. */
const operations = {
  identify: "identify",
  observe: "observe",
  powerOff: "power-off",
  powerOn: "power-on",
  reboot: "reboot",
  rebuild: "rebuild",
  replace: "replace",
  interlock: "interlock",
  survey: "survey",
  reportHealth: "report-health",
} as const satisfies Partial<Record<keyof Provider, string>>;
const replacementOperations = { plan: "plan-replacement", follow: "follow-replacement" } as const;

/** The same provider, its calls counted and timed. What it cannot do it still cannot. */
export function measured(provider: Provider, clock: Clock, meter: Meter): Provider {
  const { replacement } = provider;
  const followed = replacement && wrapped(replacement, replacementOperations, clock, meter);
  return wrapped(provider, operations, clock, meter, followed && { replacement: followed });
}

/**
 * A plugin may be an instance of a class with private fields: methods are called on it, never on the wrapping. It may be
 * frozen, too, so the wrapping is not made over the plugin itself.
 */
function wrapped<T extends object>(
  target: T,
  names: Readonly<Record<string, string>>,
  clock: Clock,
  meter: Meter,
  instead: Partial<T> = {},
): T {
  return new Proxy({} as T, {
    has: (_wrapping, key) => Reflect.has(target, key),
    get(_wrapping, key) {
      if (Object.hasOwn(instead, key)) return instead[key as keyof T];
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      const operation = typeof key === "string" && Object.hasOwn(names, key) ? names[key] : undefined;
      if (operation === undefined) return value.bind(target);
      return (...args: unknown[]) => measure(() => Reflect.apply(value, target, args), operation, clock, meter);
    },
  });
}

async function measure(call: () => unknown, operation: string, clock: Clock, meter: Meter): Promise<unknown> {
  const begunMs = clock.now().monoMs;
  let code = "ok";
  try {
    return await call();
  } catch (error) {
    code = error instanceof AcesoError ? `${error.code}/${error.remedy}` : "bug";
    throw error;
  } finally {
    meter.count("aceso_provider_calls_total", { operation, code });
    meter.time("aceso_provider_call_seconds", (clock.now().monoMs - begunMs) / secondMs, { operation });
  }
}
