import type { Cluster, ClusterFlags } from "./cluster.ts";

/** What `aceso run` was asked. */
export interface RunRequest {
  readonly configFile: string;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly namespace: string;
  readonly daemonSet: string | undefined;
  readonly nodeName: string | undefined;
  readonly instance: string;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** Configuration keys by path (`fencing.accept-unproven`), as text; they beat file and environment. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A configuration that was accepted. */
export interface CheckedConfig {
  /** The effective configuration, without secrets. */
  readonly text: string;
  readonly warnings: readonly string[];
}

/** Everything that the command line needs from outside; built by src/main.ts, by hand in tests. */
export interface CliPorts {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostName: string;
  /** Somebody sits at the terminal and can be asked. */
  readonly isInteractive: boolean;
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** To standard output. */
  out(text: string): void;
  /** To standard error. */
  err(text: string): void;
  /** Asks on standard error and reads one line. */
  ask(question: string): Promise<string>;
  newId(): string;
  connect(flags: ClusterFlags): Promise<Cluster>;
  run(request: RunRequest): Promise<number>;
  /** @param file `-` for standard input; @throws AcesoError whose message holds every problem */
  checkConfig(file: string, format: "yaml" | "json"): Promise<CheckedConfig>;
}
