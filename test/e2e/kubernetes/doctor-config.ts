import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Scenario } from "../../support/e2e-stage/scenario.ts";
import type { Settings } from "../../support/e2e-stage/stage.ts";

/** Writes a configuration whose provider is the owner of the scenario's machines. @returns the options that name it */
export async function configFor({ plane, owner }: Scenario, config: Settings): Promise<readonly string[]> {
  const file = join(plane.dir, "doctor.yaml");
  const exec = { ...(config.exec as object), command: owner.command };
  await writeFile(file, stringify({ ...config, exec }));
  return ["--config", file];
}
