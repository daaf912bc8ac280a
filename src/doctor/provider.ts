import { about, counted, type Diagnosis } from "./diagnosis.ts";
import type { Answer, DoctorFacts } from "./facts.ts";
import { fromHere } from "./from-here.ts";
import { seenValue } from "./seen.ts";

const { ok, warning, error } = about("provider");

/** Whether the provider can be made from the configuration and answers harmless questions. */
export function diagnoseProvider({ provider, config, namespace }: DoctorFacts): readonly Diagnosis[] {
  const id = seenValue(config.read)?.provider;
  if (provider.kind === "not-asked") {
    if (seenValue(config.read) === undefined) return [];
    if (id === undefined) return [ok("none is configured")];
    return [
      warning(`provider ${id} was made and not asked: no node could be read`, "see the lines above, then ask again"),
    ];
  }
  const trouble = (message: string, remedy: string) => error(...fromHere(config, namespace, message, remedy));
  if (provider.kind === "broken") {
    const remedy = "correct address and credentials in its section of the configuration and in the files named there";
    return [trouble(`provider ${id ?? ""} cannot be made: ${provider.problem}`, remedy)];
  }
  const answers: readonly Answer<unknown>[] = provider.answers.flatMap((it) =>
    it.power === undefined ? [it.machine] : [it.machine, it.power],
  );
  if (answers.length === 0) return [ok(`provider ${provider.id} was made; there is no node to ask about`)];
  const failed = answers.flatMap((it) => (it.kind === "failed" ? [it.problem] : []));
  const first = failed[0];
  if (first === undefined) {
    return [
      ok(
        `provider ${provider.id} answered ${counted(answers.length, "question")} about ${counted(provider.answers.length, "node")}`,
      ),
    ];
  }
  const message = `provider ${provider.id} did not answer ${failed.length} of ${counted(answers.length, "question")}: ${first}`;
  return [trouble(message, "see that its credentials are right, may read the machines, and that it can be reached")];
}
