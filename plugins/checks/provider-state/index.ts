import {
  type CheckResult,
  defineHealthCheck,
  type ParamValues,
  type PowerReading,
} from "../../../src/plugin-api/index.ts";

const states = ["off", "fault"] as const;

/** Judges what the machines' owner says of them. Its word that a machine is off is not yet proof: that is read anew. */
export default defineHealthCheck({
  id: "ProviderState",
  summary: "The provider reads the machine as running and reports no fault of it.",
  needsPower: true,
  params: {
    states: {
      doc: "What fails: `off` (switched off), `fault` (the owner reports it as broken, as Nova's status ERROR).",
      format: "strings",
      default: ["off", "fault"],
    },
  },
  mistakes({ states: chosen }) {
    const unknown = (chosen as readonly string[]).find((it) => !(states as readonly string[]).includes(it));
    if (unknown === undefined && (chosen as readonly string[]).length > 0) return [];
    return [{ key: "states", message: `expected a list of ${states.join(", ")}` }];
  },
  create(values: ParamValues) {
    // The loader validated the value: a list of strings.
    const failing = values.states as readonly string[];
    return { evaluate: (_node, _lease, _now, power) => judge(power, failing) };
  },
});

function judge(power: PowerReading | undefined, failing: readonly string[]): CheckResult {
  if (power === undefined) return { verdict: "unknown", message: "the provider has not said what its machine does" };
  const { machine, text, fault } = power;
  if (fault !== undefined && failing.includes("fault"))
    return { verdict: "fail", message: `machine ${machine}: ${fault}`.slice(0, 256) };
  const message = `machine ${machine} reads ${power.power}: ${text}`.slice(0, 256);
  if (power.power === "off" && failing.includes("off")) return { verdict: "fail", message };
  return { verdict: power.power === "on" || power.power === "off" ? "pass" : "unknown", message };
}
