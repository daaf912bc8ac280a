import { systemClock } from "../../../src/app/clock.ts";
import type { CliPorts, ExamineRequest, RunRequest } from "../../../src/cli/cli-ports.ts";
import type { Cluster, ClusterFlags, Wish } from "../../../src/cli/cluster.ts";
import { runCli } from "../../../src/cli/program.ts";
import type { NodeFacts } from "../../../src/core/model.ts";
import type { AnnotationChange } from "../../../src/core/pause.ts";
import type { RepairRecord } from "../../../src/core/record.ts";
import type { ClusterAnnotations, ClusterView } from "../../../src/core/view.ts";
import type { DoctorFacts } from "../../../src/doctor/facts.ts";
import { now, view } from "../../support/core-builders.ts";

/** What a fake cluster answers and what it was told. */
export interface FakeCluster {
  readonly view?: ClusterView;
  readonly nodes?: readonly NodeFacts[];
  readonly record?: RepairRecord;
  readonly annotations?: ClusterAnnotations;
  /** What doctor is shown. */
  readonly facts?: DoctorFacts;
}

export interface Told {
  readonly out: string;
  readonly err: string;
  readonly exitCode: number;
  readonly runs: readonly RunRequest[];
  readonly connected: readonly ClusterFlags[];
  readonly wishes: readonly (Wish & { readonly node: string })[];
  readonly annotated: readonly { readonly what: string; readonly change: AnnotationChange }[];
  readonly questions: readonly string[];
  readonly closed: number;
  readonly examined: readonly ExamineRequest[];
}

/** Runs one command line against a fake cluster. */
export async function cli(
  args: readonly string[],
  given: FakeCluster & { readonly answer?: string; readonly env?: Record<string, string>; readonly fails?: Error } = {},
): Promise<Told> {
  const told = {
    out: "",
    err: "",
    runs: [] as RunRequest[],
    connected: [] as ClusterFlags[],
    wishes: [] as (Wish & { node: string })[],
    annotated: [] as { what: string; change: AnnotationChange }[],
    questions: [] as string[],
    closed: 0,
    examined: [] as ExamineRequest[],
  };
  const nodes = given.nodes ?? [...(given.view?.nodes.values() ?? [])];
  const cluster: Cluster = {
    snapshot: async () => ({
      view: given.view ?? view({ nodes }),
      now,
      leader: { holder: "aceso-a_1", renewedForMs: 3_000, isAlive: true },
      configSource: "configmap/aceso",
      objections: [],
      notes: [],
    }),
    node: async (name) => nodes.find((it) => it.name === name),
    record: async (name) => (given.record?.node === name ? { kind: "record", record: given.record } : undefined),
    clusterAnnotations: async () => given.annotations ?? { kind: "none" },
    wallMs: async () => now.wallMs,
    userName: async () => "ana",
    annotateNode: async (name, change) => void told.annotated.push({ what: `node/${name}`, change }),
    annotateDaemonSet: async (change) => void told.annotated.push({ what: "daemonset", change }),
    ask: async (node, wish) => void told.wishes.push({ node, ...wish }),
    unpauseRepair: async () => undefined,
    close: async () => {
      told.closed += 1;
    },
  };
  const ports: CliPorts = {
    version: "1.2.3",
    env: given.env ?? {},
    hostName: "host-a",
    isInteractive: given.answer !== undefined,
    clock: systemClock,
    signal: new AbortController().signal,
    screen: () => undefined,
    out: (text) => {
      told.out += text;
    },
    err: (text) => {
      told.err += text;
    },
    ask: async (question) => {
      told.questions.push(question);
      return given.answer ?? "";
    },
    newId: () => "id-1",
    connect: async (flags) => {
      if (given.fails !== undefined) throw given.fails;
      told.connected.push(flags);
      return cluster;
    },
    examine: async (request) => {
      told.examined.push(request);
      if (given.facts === undefined) throw new Error("no facts were given");
      return given.facts;
    },
    run: async (request) => {
      told.runs.push(request);
      return 0;
    },
    checkConfig: async (file, format) => ({ text: `${file} ${format}\n`, warnings: ["careful"] }),
  };
  const exitCode = await runCli(args, ports);
  return { ...told, exitCode };
}
