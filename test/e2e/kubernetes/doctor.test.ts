import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Diagnosis } from "../../../src/doctor/diagnosis.ts";
import { runHere } from "../../component/cli/cli-rig.ts";
import { briskConfig, briskNode, withProvider } from "../../support/e2e-stage/scenario.ts";
import type { Settings } from "../../support/e2e-stage/stage.ts";
import { eventually } from "../../support/eventually.ts";
import { findFreePort } from "../../support/free-port.ts";
import { writeKubeconfig } from "../../support/kubeconfig.ts";
import { type Breakage, breakages } from "./doctor-breakages.ts";
import { configFor } from "./doctor-config.ts";
import { useScenario } from "./use-scenario.ts";

const healthy: Settings = { ...briskConfig, ...withProvider, silence: "25s" };
const masters = ["m1", "m2", "m3"];

const scenario = useScenario(
  {
    nodes: [...masters.map((name) => ({ name, role: "master" as const, ...briskNode })), { name: "w1", ...briskNode }],
    // only what is broken on purpose shall be: nothing is repaired here
    config: { ...healthy, "check-delay-after-add": "1h" },
  },
  async (it) => {
    for (const node of masters.slice(0, 2)) await it.startReplica({ name: `on-${node}`, node });
    await it.leader();
    await eventually("both replicas have reported", async () => {
      const { items } = await it.api.get("/apis/aceso.dev/v1alpha1/namespaces/aceso/observerreports");
      return items.length === 2;
    });
    await eventually("the DaemonSet's pods are ready", async () => {
      const { status } = await it.api.get("/apis/apps/v1/namespaces/aceso/daemonsets/aceso");
      return status.numberReady === masters.length;
    });
  },
);

let kubeconfig = "";
let deadPort = 0;
beforeAll(async () => {
  const { plane } = scenario();
  const file = join(plane.dir, "doctor.kubeconfig");
  kubeconfig = await writeKubeconfig(file, plane.accessAs("doctor", ["system:masters"]), "doctor");
  deadPort = await findFreePort();
});

interface Examined {
  readonly exitCode: number | null;
  readonly diagnoses: readonly Diagnosis[];
}

async function doctor(...args: readonly string[]): Promise<Examined> {
  const { exitCode, out, err } = await runHere(["doctor", "--kubeconfig", kubeconfig, "-o", "json", ...args]);
  expect(err).toBe("");
  return { exitCode, diagnoses: JSON.parse(out).diagnoses };
}

const withConfig = (config: Settings) => configFor(scenario(), config);

const notOk = (diagnoses: readonly Diagnosis[]) => diagnoses.filter((it) => it.level !== "ok");

describe("a healthy set-up", () => {
  test("has nothing but ok, and exit code 0", async () => {
    const { exitCode, diagnoses } = await doctor(...(await withConfig(healthy)));
    expect([exitCode, notOk(diagnoses)]).toEqual([0, []]);
    expect(new Set(diagnoses.map((it) => it.topic)).size).toBe(17);
  });

  test("the manifest's own configuration is warned about: it does nothing, and could prove nothing", async () => {
    const { exitCode, diagnoses } = await doctor();
    expect(exitCode).toBe(0);
    const warned = notOk(diagnoses).map((it) => `${it.level} ${it.topic} ${it.message.split(":")[0]}`);
    expect(warned).toEqual(["warning guards dry-run", expect.stringContaining("warning guards there is no provider")]);
    expect((await doctor("--strict")).exitCode).toBe(1);
  });
});

describe("a broken set-up is found, with its remedy:", () => {
  test.each(breakages.map((it): [string, Breakage] => [it.what, it]))("%s", async (_, it) => {
    const args = await withConfig({ ...healthy, ...it.config?.(deadPort) });
    await it.breakIt?.(scenario());
    try {
      const { exitCode, diagnoses } = await doctor(...args);
      const found = notOk(diagnoses).find((one) => one.topic === it.topic && it.says.test(one.message));
      expect(found, JSON.stringify(notOk(diagnoses), undefined, 2)).toMatchObject({
        level: it.level,
        remedy: expect.stringMatching(it.advises),
      });
      expect(exitCode).toBe(notOk(diagnoses).some((one) => one.level === "error") ? 1 : 0);
    } finally {
      await it.mend?.(scenario());
    }
  });

  test("nobody leads any more", async () => {
    const { api, replicas } = scenario();
    await Promise.all(replicas.map((replica) => replica.kill()));
    const lease = "/apis/coordination.k8s.io/v1/namespaces/aceso/leases/aceso";
    await api.patch(lease, { spec: { renewTime: "2026-01-01T00:00:00.000000Z" } });
    const { exitCode, diagnoses } = await doctor(...(await withConfig(healthy)));
    expect([exitCode, diagnoses.find((it) => it.topic === "leader")]).toMatchObject([
      1,
      {
        level: "error",
        message: expect.stringMatching(/led until .* ago and nobody took over/),
        remedy: expect.stringContaining("kubectl -n aceso"),
      },
    ]);
  });

  test("nobody looks at the nodes any more", async () => {
    const reports = "/apis/aceso.dev/v1alpha1/namespaces/aceso/observerreports";
    const { api } = scenario();
    for (const { metadata } of (await api.get(reports)).items) await api.must("DELETE", `${reports}/${metadata.name}`);
    const { exitCode, diagnoses } = await doctor(...(await withConfig(healthy)));
    expect([exitCode, diagnoses.find((it) => it.topic === "observers")]).toMatchObject([
      1,
      {
        level: "error",
        message: "no replica has published a fresh report: none looks at the nodes",
        remedy: expect.stringContaining("kubectl -n aceso get pods -o wide"),
      },
    ]);
  });

  test("the DaemonSet is gone", async () => {
    await scenario().api.must("DELETE", "/apis/apps/v1/namespaces/aceso/daemonsets/aceso");
    const { exitCode, diagnoses } = await doctor(...(await withConfig(healthy)));
    expect([exitCode, diagnoses.find((it) => it.topic === "installation")]).toMatchObject([
      1,
      {
        level: "error",
        message: expect.stringMatching(/^daemonset aceso\/aceso does not exist: no replica runs/),
        remedy: expect.stringContaining("kubectl create -f manifests/aceso.yaml"),
      },
    ]);
  });
});

test("doctor has changed nothing", async () => {
  const events = (await scenario().plane.auditLog()).filter((it) => it.user.username === "doctor");
  const isQuestion = (resource = "") => /^(self)?subject(access)?reviews$/.test(resource);
  const other = events.filter(
    ({ verb, objectRef }) => !["get", "list"].includes(verb) && !(verb === "create" && isQuestion(objectRef?.resource)),
  );
  expect(events.length).toBeGreaterThan(100);
  expect(other.map(({ verb, requestURI }) => `${verb} ${requestURI}`)).toEqual([]);
});
