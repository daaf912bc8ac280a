import { test } from "vitest";
import type { ContractKit } from "./kit.ts";

/** Adds one test, run at the cloud's pace. */
export type AddTest = (name: string, body: () => Promise<void>) => void;

/** @param timeoutMs of real time; for services that really work */
export function testsOf(kit: ContractKit, timeoutMs: number): AddTest {
  return (name, body) => test(name, { timeout: timeoutMs }, () => kit.pace.run(body));
}
