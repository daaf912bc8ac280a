import { about, counted, type Diagnosis } from "./diagnosis.ts";
import type { DoctorFacts, ServerFacts } from "./facts.ts";

const { ok, warning, error } = about("api-servers");

/** Whether each API server answers, asked one by one. */
export function diagnoseApiServers({ servers, cluster }: DoctorFacts): readonly Diagnosis[] {
  const found = servers.map((it) => diagnose(it, servers));
  if (cluster !== undefined) return found;
  const remedy =
    "look at the addresses in the kubeconfig and in kubernetes.api-host, and at the network between; then ask again";
  return [...found, error("no API server could be asked, so nothing but the configuration was looked at", remedy)];
}

function diagnose({ base, answer, isConfigured }: ServerFacts, all: readonly ServerFacts[]): Diagnosis {
  const where = isConfigured ? "kubernetes.api-host" : "the kubeconfig";
  if (answer.kind === "silent") {
    const message = `${base} (${where}) does not answer: ${answer.problem}`;
    const isAlone = !all.some((it) => it.answer.kind === "answered");
    return isAlone ? error(message, adviceOn(answer.problem)) : warning(message, adviceOn(answer.problem));
  }
  const { status, tookMs } = answer;
  if (status === 401) {
    const message = `${base} (${where}) does not know the credentials (401)`;
    return error(message, "use another kubeconfig, or have the token or certificate renewed");
  }
  if (status >= 500) {
    const message = `${base} (${where}) is not ready (${status}); Aceso leaves such a server for the next`;
    return warning(message, `kubectl --server=${base} get --raw '/readyz?verbose' says what it lacks`);
  }
  const alone = all.length === 1 ? "; the only one: while it is away nothing is decided" : "";
  return ok(`${base} (${where}) answers in ${counted(Math.round(tookMs), "millisecond")}${alone}`);
}

function adviceOn(problem: string): string {
  if (/^credentials /.test(problem)) return "correct the user of the kubeconfig, or name another with --kubeconfig";
  if (/certificate|CERT|altname|self.signed|UNABLE_TO_VERIFY/i.test(problem)) {
    return "name it as its certificate does, or have its certificate issued for this address by the cluster's CA";
  }
  if (/ENOTFOUND|EAI_AGAIN|getaddrinfo/.test(problem)) return "correct the name, or see why it cannot be resolved here";
  if (/ECONNREFUSED/.test(problem)) return "start the API server there, or correct address and port";
  return "see whether the machine is up and what is on the way to it; take it out of kubernetes.api-host if it is gone";
}
