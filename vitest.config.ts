import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/runner/longest-first.ts";

const shared = { environment: "node" as const, isolate: false, passWithNoTests: true };
// vitest itself would leave one core to itself, which on a machine with two cores runs one file after the other
const cores = availableParallelism();

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          maxWorkers: cores,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          ...shared,
          name: "component",
          include: ["test/component/**/*.test.ts"],
          // some files wait for processes and for real time
          maxWorkers: cores + 1,
          sequence: { groupOrder: 1 },
          testTimeout: 75_000,
        },
      },
      {
        test: {
          ...shared,
          name: "e2e-kubernetes",
          include: ["test/e2e/kubernetes/**/*.test.ts"],
          exclude: process.env.ACESO_E2E_FULL === undefined ? ["**/*-long.test.ts"] : [],
          pool: "forks",
          isolate: true,
          // the tests wait most of the time; by default a machine with two cores would run one file after the other
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          ...shared,
          name: "e2e-openstack",
          include: ["test/e2e/openstack/**/*.test.ts"],
          exclude: process.env.ACESO_E2E_FULL === undefined ? ["**/*-long.test.ts"] : [],
          globalSetup: "test/e2e/openstack/global-setup.ts",
          pool: "forks",
          isolate: true,
          // a test file has a tenant of its own, and waits most of the time
          maxWorkers: 3,
          sequence: { groupOrder: 3 },
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          ...shared,
          name: "e2e-image",
          include: ["test/e2e/image/**/*.test.ts"],
          pool: "forks",
          isolate: true,
          sequence: { groupOrder: 4 },
          testTimeout: 150_000,
        },
      },
      {
        test: {
          ...shared,
          name: "e2e-page",
          include: ["test/e2e/page/**/*.test.ts"],
          pool: "forks",
          isolate: true,
          // one browser at a time
          maxWorkers: 1,
          sequence: { groupOrder: 4 },
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          ...shared,
          name: "e2e-libvirt",
          include: ["test/e2e/libvirt/**/*.test.ts"],
          exclude: process.env.ACESO_E2E_FULL === undefined ? ["**/*-long.test.ts"] : [],
          pool: "forks",
          isolate: true,
          // libvirt's paths are fixed: one daemon, one test file after the other
          maxWorkers: 1,
          sequence: { groupOrder: 5 },
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
    ],
    sequence: { sequencer: LongestFirst },
    coverage: { provider: "v8", include: ["src/**", "plugins/**"], reporter: ["text-summary"] },
  },
});
