import { grantedRights, type Right, unusedRights } from "../support/rights.ts";
import { oneFailed, onePassed } from "./step.ts";

/** Rights that no end-to-end suite makes use of, each with the reason why the manifest gives it all the same. */
const exceptions: readonly (Omit<Right, "namespace"> & { readonly because: string })[] = [
  {
    group: "events.k8s.io",
    resource: "events",
    verb: "patch",
    because: "an event is counted up a minute later at the soonest; adapters.test.ts does so",
  },
  {
    group: "",
    resource: "persistentvolumes",
    verb: "list",
    because: "only the rungs rebuild and replace ask whose disk it is; adapters.test.ts does so",
  },
  {
    group: "",
    resource: "nodes",
    verb: "delete",
    because: "only a provider whose replacements are followed leaves a Node behind; adapters.test.ts does so",
  },
];

/** One test: the manifest gives no right that was not used. @param used one right a line, as JSON */
export function judgeRights(used: string) {
  const rights = used
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Right);
  const unused = unusedRights(grantedRights(), rights);
  const isExcused = (right: Right) =>
    exceptions.some(
      ({ group, resource, verb }) => group === right.group && resource === right.resource && verb === right.verb,
    );
  const excess = unused.filter((right) => !isExcused(right));
  for (const { verb, resource, group, namespace } of excess) {
    process.stdout.write(`✗ rights: ${verb} ${resource}.${group} in ${namespace} is given and never used\n`);
  }
  for (const { verb, resource, because } of exceptions) {
    process.stdout.write(`  rights: ${verb} ${resource} is given without being used: ${because}\n`);
  }
  return excess.length === 0 ? onePassed : { ...oneFailed, note: `${excess.length} rights never used` };
}
