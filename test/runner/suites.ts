import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingForImage } from "../e2e/image/means.ts";
import { whyNoServices } from "../e2e/openstack/services/packages.ts";
import { missingForPage } from "../e2e/page/chromium.ts";
import { mayHaveControlPlane } from "../support/control-plane/build.ts";
import { missingForLibvirt } from "../support/libvirt-host/packages.ts";
import { judgeRights } from "./rights.ts";
import { afterSecondTry, secondTries } from "./second-try.ts";
import { type Outcome, oneFailed, oneSkipped, type Result, runNode, timed } from "./step.ts";
import { counted, failuresOf, runProject } from "./vitest.ts";

/** Plays all cases of the long series: see `test/support/full-run.ts`. */
export const fullRun = { ACESO_E2E_FULL: "1" };

/** An end-to-end suite and what it needs of the machine. */
interface Suite {
  /** Its project in vitest.config.ts. */
  readonly project: string;
  /** Undefined: everything is there. Otherwise what is missing and how to have it. */
  missing(): Promise<string | undefined>;
  /** A script that brings what takes long; run beside the unit tests. */
  readonly prepare?: string;
}

const suites: readonly Suite[] = [
  {
    project: "e2e-kubernetes",
    missing: async () =>
      (await mayHaveControlPlane())
        ? undefined
        : "needs a Kubernetes control plane: install Go 1.26 (https://go.dev/dl) to have it built once, in about six " +
          "minutes, or set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver, kube-controller-manager, " +
          "kube-scheduler and kubectl",
    prepare: "test/runner/prepare-control-plane.ts",
  },
  {
    project: "e2e-openstack",
    missing: whyNoServices,
    prepare: "test/runner/prepare-openstack.ts",
  },
  {
    project: "e2e-libvirt",
    missing: missingForLibvirt,
    prepare: "test/runner/prepare-libvirt.ts",
  },
  { project: "e2e-page", missing: missingForPage, prepare: "test/runner/prepare-page.ts" },
  // Debian's buildah is installed by its tests
  { project: "e2e-image", missing: missingForImage },
];

/** Begins what the suites need and takes long. Resolves when all of it is there, or could not be had (told by the suite). */
export async function prepareSuites(): Promise<void> {
  await Promise.all(
    suites.map(async (suite) => {
      if (suite.prepare !== undefined && (await suite.missing()) === undefined) await runNode([suite.prepare]);
    }),
  );
}

/**
 * Runs every suite whose means are there. Missing means are a failure with `ACESO_E2E=all`, else a loud skip. After a
 * run without filter the manifest's rights are compared with those that the suites made use of.
 */
export async function runSuites(args: readonly string[], options: { isFull: boolean }): Promise<Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), "aceso-rights-"));
  const rightsFile = join(folder, "used.jsonl");
  const env = { ACESO_RIGHTS_FILE: rightsFile, ...(options.isFull && fullRun) };
  const outcomes: Outcome[] = [];
  try {
    for (const suite of suites) outcomes.push(await timed(suite.project, () => runSuite(suite, args, env)));
    const used = await readFile(rightsFile, "utf8").catch(() => "");
    if (args.length === 0 && used !== "") outcomes.push(await timed("rights", async () => judgeRights(used)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return outcomes;
}

async function runSuite(suite: Suite, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Result> {
  const missing = await suite.missing();
  if (missing !== undefined) return tellMissing(suite, missing);
  const first = await runProject(suite.project, args, env);
  const late = secondTries(first);
  if (late.length === 0) return counted(first);
  process.stdout.write(`\n${suite.project}: waits ran out; once more, alone: ${late.join(", ")}\n`);
  const result = counted(afterSecondTry(first, await runProject(suite.project, [...late, "--maxWorkers=1"], env)));
  const waits = first.flatMap(failuresOf).map((text) => `late at first, played once more: ${text}`);
  return { ...result, failures: [...waits, ...(result.failures ?? [])], note: `${late.length} files played twice` };
}

function tellMissing(suite: Suite, missing: string): Result {
  const isRequired = process.env.ACESO_E2E === "all";
  const word = isRequired ? "FAILED, because ACESO_E2E=all" : "SKIPPED";
  process.stdout.write(`\n${"!".repeat(80)}\n${suite.project} ${word}: ${missing}\n${"!".repeat(80)}\n`);
  return { ...(isRequired ? oneFailed : oneSkipped), note: missing };
}
