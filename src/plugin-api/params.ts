/**
 * Names of the parameter formats that the loader knows. `duration`: Go's text (`90s`, `1h2m3.5s`), handed over in ms.
 * `flag`: true or false and nothing else. `strings`/`ints`: lists. `path`: a file name, not opened while validating.
 */
export type ParamFormat =
  | "duration"
  | "flag"
  | "string"
  | "strings"
  | "int"
  | "ints"
  | "port"
  | "url"
  | "path"
  | "labels";

/** One parameter. Keys are kebab-case, in YAML and here alike. */
export interface ParamSpec {
  readonly doc: string;
  readonly format: ParamFormat | readonly string[];
  /** In the format's YAML form (`"30s"`, not 30000). `null`: may be absent, handed over as `undefined`. */
  readonly default: string | number | boolean | readonly (string | number)[] | Readonly<Record<string, string>> | null;
  /** Printed as `[Sensitive]`, never in messages. */
  readonly sensitive?: boolean;
  /** Must be given by the user. */
  readonly required?: boolean;
}

/** Parameters of a plugin by name. */
export type ParamSchema = Readonly<Record<string, ParamSpec>>;

/** Validated values by parameter name, durations in milliseconds. */
export type ParamValues = Readonly<Record<string, unknown>>;

/** A parameter that is right by itself but not together with the others. */
export interface ParamMistake {
  /** The parameter that should change; `options.ip` for one name of a `labels` parameter. */
  readonly key: string;
  /** As `expected auth-url, or use-clouds: true`; never holds a value. */
  readonly message: string;
}
