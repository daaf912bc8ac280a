import type { DoctorFacts } from "../doctor/facts.ts";
import type { Clock } from "../ports/clock.ts";
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

/** What `aceso doctor` was asked to look at. */
export interface ExamineRequest extends ClusterFlags {
  /** Instead of the ConfigMap; it is meant for the machine that doctor runs on. */
  readonly configFile: string | undefined;
  /** Ask the provider about every node, however many there are. */
  readonly asksAllMachines: boolean;
}

/** Everything that the command line needs from outside; built by src/main.ts, by hand in tests. */
export interface CliPorts {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostName: string;
  /** Somebody sits at the terminal and can be asked. */
  readonly isInteractive: boolean;
  readonly clock: Clock;
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** The size of the terminal that standard output is, at this moment; undefined when it is none. */
  screen(): { readonly rows: number; readonly columns: number } | undefined;
  /** To standard output. */
  out(text: string): void;
  /** To standard error. */
  err(text: string): void;
  /** Asks on standard error and reads one line. */
  ask(question: string): Promise<string>;
  newId(): string;
  connect(flags: ClusterFlags): Promise<Cluster>;
  /** Reads everything that doctor judges; changes nothing. @throws KubeAccessError without a kubeconfig */
  examine(request: ExamineRequest): Promise<DoctorFacts>;
  run(request: RunRequest): Promise<number>;
  /** @param file `-` for standard input; @throws AcesoError whose message holds every problem */
  checkConfig(file: string, format: "yaml" | "json"): Promise<CheckedConfig>;
}
