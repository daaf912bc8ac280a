import type { TestProject } from "vitest/node";
import { type ServicesAddress, startServices } from "./services/start.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly openStack: ServicesAddress;
  }
}

/** One set of services for all test files of the project. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const services = await startServices();
  project.provide("openStack", services.address);
  return () => services.stop();
}
