import { AcesoError } from "../core/errors.ts";

/** A place in the configuration file, both numbers from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing wrong with the configuration. Never holds a configured value, for it might be a secret. */
export interface Problem {
  /** In the file; undefined when the value came from the environment or a flag (then `source` names that). */
  readonly at: Position | undefined;
  /** File name, `environment ACESO_…` or `flag --…`. */
  readonly source: string;
  /** As `healthcheck.worker[0].params.timeout`; empty: the whole file. */
  readonly path: string;
  readonly message: string;
}

/** One line: `config.yaml:12:5 healthcheck.worker[0].params.unhealthy-duration: expected a duration such as 30s or 5m`. */
export function problemText({ at, source, path, message }: Problem): string {
  const where = at === undefined ? source : `${source}:${at.line}:${at.column}`;
  return path === "" ? `${where}: ${message}` : `${where} ${path}: ${message}`;
}

/** File order first, then what the environment and flags brought. */
function sortProblems(problems: readonly Problem[]): Problem[] {
  const line = (problem: Problem) => problem.at?.line ?? Number.MAX_SAFE_INTEGER;
  return [...problems].sort((a, b) => line(a) - line(b) || (a.at?.column ?? 0) - (b.at?.column ?? 0));
}

/** The configuration cannot be used. The message holds every problem, one a line. */
export class ConfigError extends AcesoError {
  readonly code = "ACESO_CONFIG";
  readonly remedy = "ask-operator";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    // the parser stumbles more than once over the same place
    const byText = new Map(sortProblems(problems).map((it) => [problemText(it), it]));
    super([...byText.keys()].join("\n"));
    this.problems = [...byText.values()];
  }
}
