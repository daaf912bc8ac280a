import { about, type Diagnosis } from "./diagnosis.ts";
import type { ConfigFacts } from "./facts.ts";

const { ok, warning, error } = about("configuration");

/** Whether replicas would start with the configuration, and what it says of itself. */
export function diagnoseConfiguration({ source, read }: ConfigFacts, isInstalled: boolean): readonly Diagnosis[] {
  if (read.kind === "missing") {
    const message = `${source} does not exist`;
    if (!isInstalled) return [ok(`${message}; name a file with --config to have it judged before installing`)];
    return [
      error(
        `${message}: replicas do not start`,
        "kubectl create -f manifests/aceso.yaml, or name a file with --config",
      ),
    ];
  }
  if (read.kind === "unreadable") {
    if (read.isForbidden) {
      return [warning(`${source} may not be read by this user: ${read.problem}`, "name the file with --config")];
    }
    return [
      error(
        `${source} is refused, replicas do not start with it: ${read.problem}`,
        "correct what it names; aceso check-config FILE tries a file",
      ),
    ];
  }
  const found = read.value.warnings
    .filter((text) => !isSaidByGuards(text))
    .map((text) => warning(text, "change the key, or leave it if that is meant"));
  return found.length > 0 ? found : [ok(`${source} is accepted`)];
}

/** The guards say it with what to do. */
function isSaidByGuards(warning: string): boolean {
  return warning.includes("fencing.accept-unproven is false");
}
