import { readFile } from "node:fs/promises";
import type { TestProject } from "vitest/node";
import { type ServicesAddress, startServices } from "./services/start.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly openStack: ServicesAddress;
  }
}

/** One set of services for all test files of the project: those of `npm run openstack`, or new ones. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const running = process.env.ACESO_OPENSTACK;
  if (running !== undefined && running !== "") {
    project.provide("openStack", JSON.parse(await readFile(running, "utf8")));
    return undefined;
  }
  const services = await startServices();
  project.provide("openStack", services.address);
  return () => services.stop();
}
