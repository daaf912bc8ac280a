/** A table to print: what was measured, in which units, beside what others need. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What a reader must know to judge the figures; one line each. */
  readonly notes?: readonly string[];
}

export interface BenchOptions {
  /** One repetition of a small variant, with other benchmarks at the same time: shows that it works, no more. */
  readonly isShort: boolean;
  /** Sizes of cluster to measure at rest instead of the usual ones. */
  readonly nodes: readonly number[] | undefined;
  /** Program and first arguments of Aceso as the image has it; built at the first call. */
  readonly program: () => Promise<readonly string[]>;
  /** Tells people what it waits for. */
  readonly say: (line: string) => void;
}

/** One subject. It measures and judges nothing: only a crash is a failure. */
export interface Benchmark {
  readonly name: string;
  readonly summary: string;
  readonly needsControlPlane: boolean;
  /** What else is missing on this machine; undefined: nothing. */
  readonly missing?: () => Promise<string | undefined>;
  readonly run: (options: BenchOptions) => Promise<readonly Table[]>;
}
