import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Diagnosis } from "../../../src/doctor/diagnosis.ts";
import { makeAuthority } from "../../support/certificates.ts";
import { mountKeyPair } from "../../support/key-pair-files.ts";
import { cliRig, runHere } from "./cli-rig.ts";

interface Hostile extends AsyncDisposable {
  readonly kubeconfig: string;
  readonly asked: readonly string[];
}

/** Something on an API server's port. */
async function hostileServer(answer: RequestListener): Promise<Hostile> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const folder = await mkdtemp(join(tmpdir(), "aceso-doctor-"));
  const kubeconfig = join(folder, "kubeconfig");
  await writeFile(kubeconfig, kubeconfigOf((server.address() as AddressInfo).port));
  return {
    kubeconfig,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function kubeconfigOf(port: number): string {
  return JSON.stringify({
    clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
    users: [{ name: "person", user: {} }],
    contexts: [{ name: "c", context: { cluster: "c", user: "person" } }],
    "current-context": "c",
  });
}

async function doctor(kubeconfig: string, ...args: readonly string[]) {
  const { exitCode, out, err } = await runHere(["doctor", "-o", "json", "--kubeconfig", kubeconfig, ...args]);
  expect(err).toBe("");
  return { exitCode, diagnoses: JSON.parse(out).diagnoses as readonly Diagnosis[] };
}

test("whatever a server answers, doctor ends with diagnoses", async () => {
  const nonsense = fc.oneof(
    fc.constantFrom("", "null", "[]", "{}", '"text"', "<html>", '{"items":[null]}', '{"items":{}}', '{"metadata":1}'),
    fc.json(),
  );
  const answers = fc.array(fc.tuple(fc.constantFrom(200, 201, 403, 404, 410, 422), nonsense), {
    minLength: 1,
    maxLength: 20,
  });
  const property = fc.asyncProperty(answers, async (given) => {
    let next = 0;
    await using server = await hostileServer((_, response) => {
      const [status, body] = given[next++ % given.length] ?? [404, ""];
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    });
    const { exitCode, diagnoses } = await doctor(server.kubeconfig);
    expect(diagnoses.length).toBeGreaterThan(0);
    expect(exitCode).toBe(diagnoses.some((it) => it.level === "error") ? 1 : 0);
    expect(server.asked).toContainEqual("GET /api/v1/nodes?limit=500");
    expect(server.asked.filter((it) => !isQuestion(it))).toEqual([]);
  });
  await fc.assert(property, { numRuns: 20 });
});

/** Reads, and reviews, which are asked by POST and store nothing. */
function isQuestion(line: string): boolean {
  return line.startsWith("GET ") || /^POST \/apis\/auth\S+\/(self)?subject(access)?reviews$/.test(line);
}

test("a user who may read nothing is told so line by line, without an error of ours", async () => {
  await using server = await hostileServer((request, response) => forbid(request, response));
  const { exitCode, diagnoses } = await doctor(server.kubeconfig);
  const level = (topic: Diagnosis["topic"]) => diagnoses.filter((it) => it.topic === topic).map((it) => it.level);
  for (const topic of ["rights", "configuration", "marks", "observers", "clocks", "other-healers"] as const) {
    expect(level(topic), topic).toEqual(["warning"]);
  }
  expect([exitCode, diagnoses.filter((it) => it.level === "error")]).toEqual([0, []]);
});

function forbid({ url }: IncomingMessage, response: ServerResponse): void {
  const status = url === "/readyz" ? 200 : 403;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ kind: "Status", reason: "Forbidden", message: `no right on ${url}` }));
}

test("a server that takes connections and never answers costs one deadline, and the named file is still judged", async () => {
  await using server = await hostileServer(() => undefined);
  await using rig = await cliRig();
  const file = join(rig.folder, "config.yaml");
  await writeFile(file, "dry-run: true\ncloud-provider: none\n");
  const begun = performance.now();
  const { exitCode, diagnoses } = await doctor(server.kubeconfig, "--config", file);
  expect(performance.now() - begun).toBeLessThan(20_000);
  expect([exitCode, diagnoses.map((it) => `${it.level} ${it.topic}`)]).toEqual([
    1,
    [
      "error api-servers",
      "error api-servers",
      "ok configuration",
      "warning guards",
      "warning guards",
      "ok provider",
      "ok notifications",
      "ok certificate",
    ],
  ]);
});

test("no kubeconfig at all is wrong use", async () => {
  const { exitCode, err } = await runHere(["doctor", "--kubeconfig", "/nowhere"]);
  expect([exitCode, err]).toEqual([2, expect.stringContaining("ACESO_KUBE_ACCESS")]);
});

test("a provider that hangs is left after its time, and said so", async () => {
  await using rig = await cliRig();
  const file = join(rig.folder, "config.yaml");
  const command = `[${process.execPath}, -e, "setInterval(() => 0, 1000)"]`;
  await writeFile(
    file,
    `cloud-provider: exec\nexec: {protocol: json, command: ${command}, operations: [identify, observe, power-off, power-on], timeout: 1s}\n`,
  );
  const { diagnoses } = await doctor(rig.kubeconfig, "--config", file);
  expect(diagnoses.find((it) => it.topic === "provider")).toMatchObject({
    level: "error",
    message: expect.stringMatching(/^provider exec did not answer 3 of 3 questions: .*1000 ms|1 s|timed? ?out/),
  });
});

test("without a DaemonSet it is the caller whose rights are asked about", async () => {
  await using rig = await cliRig();
  const { diagnoses } = await doctor(rig.kubeconfig, "--daemonset", "");
  const asked = rig.kube.log.entries
    .filter(({ path }) => path.endsWith("subjectaccessreviews"))
    .map(({ path }) => path);
  expect(new Set(asked)).toEqual(new Set(["/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"]));
  expect(diagnoses.filter((it) => it.topic === "rights")).toEqual([
    { topic: "rights", level: "ok", message: expect.stringMatching(/^simulated has all \d+ rights of the manifest$/) },
  ]);
});

test("the status page's certificate is told when it does not fit its key, and when it has ended", async () => {
  await using rig = await cliRig();
  const authority = makeAuthority("authority");
  const subject = { commonName: "aceso", altNames: ["aceso.example"] };
  await using mounted = await mountKeyPair(authority.issue(subject));
  const file = join(rig.folder, "config.yaml");
  const { certificateFile, keyFile } = mounted.files;
  const http = `{pages: ":8081", certificate-file: ${certificateFile}, key-file: ${keyFile}}`;
  await writeFile(file, `cloud-provider: none\nhttp: ${http}\n`);
  const said = async () => {
    const { diagnoses } = await doctor(rig.kubeconfig, "--config", file);
    return diagnoses.filter((it) => it.topic === "certificate").map((it) => `${it.level} ${it.message}`);
  };
  expect(await said()).toEqual([expect.stringMatching(/^ok .*\(DNS:aceso\.example\) fits its key and holds until 20/)]);
  const { cert } = authority.issue({ ...subject, validDays: { from: -90, until: -1 } });
  await mounted.put({ cert, key: authority.issue(subject).key });
  expect(await said()).toEqual([expect.stringMatching(/^error the key in http\.key-file .* does not fit/)]);
  await mounted.put(authority.issue({ ...subject, validDays: { from: -90, until: -1 } }));
  expect(await said()).toEqual([expect.stringMatching(/^error .*\(DNS:aceso\.example\) ended on/)]);
});
