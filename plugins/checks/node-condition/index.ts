import {
  type CheckResult,
  defineHealthCheck,
  type NodeFacts,
  type ParamValues,
} from "../../../src/plugin-api/index.ts";

interface Params {
  readonly types: readonly string[];
  readonly "ok-values": readonly string[];
  readonly "error-values": readonly string[];
}

/** Judges conditions of the Node object. A condition that the Node does not have is healthy. */
export default defineHealthCheck({
  id: "NodeCondition",
  summary: "Conditions of the Node object have healthy values.",
  params: {
    types: { doc: "Conditions to look at; each must be healthy.", format: "strings", default: ["Ready"] },
    "ok-values": {
      doc: "Values that count as healthy; every other value fails.",
      format: "strings",
      default: ["True"],
    },
    "error-values": {
      doc: "When not empty: only these values fail, and ok-values is not looked at.",
      format: "strings",
      default: [],
    },
  },
  create(values: ParamValues) {
    // The loader validated the values against the schema above.
    const params = values as unknown as Params;
    return { evaluate: (node: NodeFacts) => evaluate(node, params) };
  },
});

function evaluate(node: NodeFacts, params: Params): CheckResult {
  const watched = node.conditions.filter((condition) => params.types.includes(condition.type));
  const failing = watched.filter((condition) => isBad(condition.status, params));
  if (failing.length === 0) {
    const seen = watched.map((condition) => `${condition.type}=${condition.status}`).join(", ");
    return { verdict: "pass", message: seen || `none of the conditions ${params.types.join(", ")} is on the Node` };
  }
  const words = failing.map(({ type, status, reason }) =>
    reason === "" ? `${type}=${status}` : `${type}=${status} (${reason})`,
  );
  return {
    verdict: "fail",
    message: words.join(", ").slice(0, 256),
    sinceMonoMs: Math.min(...failing.map((condition) => condition.changedAtMonoMs)),
  };
}

function isBad(status: string, params: Params): boolean {
  const errorValues = params["error-values"];
  return errorValues.length > 0 ? errorValues.includes(status) : !params["ok-values"].includes(status);
}
