import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { rungs } from "../../../src/core/model.ts";
import { outcomes, workPhases } from "../../../src/core/record.ts";
import { buildWard, type WardSight } from "../../../src/http/build-ward.ts";
import { node, notReady, now, observer, record, sees, still, view } from "../../support/core-builders.ts";
import { type Got, type PageRig, pageRig } from "./page-rig.ts";

interface Operation {
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly content?: Content }>>;
}
type Content = Readonly<Record<string, { readonly schema: object }>>;
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<"get" | "post", Operation | undefined>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly enum?: readonly string[] }>>;
    readonly responses: Readonly<Record<string, { readonly content: Content }>>;
  };
}

const file = join(import.meta.dirname, "../../../docs/openapi.yaml");
const api = parse(readFileSync(file, "utf8")) as OpenApi;
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
ajv.addKeyword("components");
ajv.addSchema({ $id: "aceso", components: api.components });
const schemaOf = (name: string): ValidateFunction => ajv.compile({ $ref: `aceso#/components/schemas/${name}` });

/** What the file says about the answer of one operation. */
function answerSchema(path: string, method: "get" | "post", status: number): ValidateFunction {
  const responses = api.paths[path]?.[method]?.responses;
  const found = responses?.[status] ?? responses?.default;
  const named = found?.$ref?.split("/").at(-1);
  const content = named === undefined ? found?.content : api.components.responses[named]?.content;
  const schema = JSON.parse(JSON.stringify(content?.["application/json"]?.schema).replace('"#/', '"aceso#/')) as object;
  return ajv.compile(schema);
}

function expectValid(validate: ValidateFunction, value: unknown): void {
  validate(value);
  expect(validate.errors ?? []).toEqual([]);
}

let rig: PageRig;
beforeAll(async () => {
  rig = await pageRig();
  rig.kube.people.put("janes", { name: "jane", isAllowed: () => true });
});
afterAll(async () => rig[Symbol.asyncDispose]());

const headers = { "content-type": "application/json", "x-aceso-request": "1", authorization: "Bearer janes" };

test("every operation answers as the file says, when it works and when it refuses", async () => {
  const asked = Object.entries(api.paths).flatMap(([path, methods]) =>
    (["get", "post"] as const)
      .filter((method) => methods[method] !== undefined)
      .map((method) => [path, method] as const),
  );
  expect(asked).toHaveLength(10);
  for (const [path, method] of asked) {
    if (path.endsWith("/stream")) continue;
    const body = method === "post" ? { body: "{}" } : {};
    const real = path.replace("{name}", "n1");
    const works: Got = await rig.ask(real, { method: method.toUpperCase(), headers, ...body });
    expect([path, works.status]).toEqual([path, 200]);
    expectValid(answerSchema(path, method, 200), JSON.parse(works.text));
    const refuses = await rig.ask(real, { method: "DELETE", headers });
    expectValid(answerSchema(path, method, refuses.status), JSON.parse(refuses.text));
  }
});

test("a ward with all that there can be is one that the file describes", () => {
  const { wallMs } = now;
  const phases = [{ phase: "Cordoning", startedAtWallMs: wallMs - 9_000 }] as const;
  const history = [
    { startedAtWallMs: wallMs - 90_000, endedAtWallMs: wallMs, outcome: "Held", reason: "x", phases },
  ] as const;
  const evidence = [{ source: "exec", machine: "m", value: "off", text: "off", readAtWallMs: wallMs }] as const;
  const annotations = { "aceso.dev/paused": "x", "aceso.dev/paused-until": "2999-01-01T00:00:00Z" };
  const sick = node("n2", { ...notReady, annotations, role: "master" });
  const known = view({
    nodes: [node("n1"), sick],
    leases: new Map([["n2", still(40_000)]]),
    records: [
      record({ history, evidence, phase: "Fencing", rung: "power-cycle" }),
      record({ node: "gone", phase: "Held" }),
    ],
    observers: [observer("o", { failing: [sees(sick, "Endpoint")] })],
  });
  const leader = { instance: "a", renewedAtWallMs: wallMs, isAlive: false };
  const servedBy = { instance: "b", node: null, isLeader: false };
  const sight: WardSight = { view: known, now, leader, servedBy, version: "1", configSource: "x", notes: ["y"] };
  const ward = JSON.parse(JSON.stringify(buildWard(sight, 1))) as ReturnType<typeof buildWard>;
  expect(ward.patients.map((it) => it.repair === null)).toContain(false);
  expect([ward.timeline.length > 0, ward.pauses.length > 0]).toEqual([true, true]);
  expectValid(schemaOf("Ward"), ward);
});

test("the file knows every phase and rung that there is", () => {
  expect(api.components.schemas.Phase?.enum).toEqual([...workPhases, ...outcomes]);
  expect(api.components.schemas.Rung?.enum).toEqual(rungs);
});

test("what the file does not describe is found out", () => {
  const validate = schemaOf("Person");
  expect(validate({ name: "jane", mayPauseCluster: true, mayPauseNodes: true, mayRepair: true })).toBe(true);
  expect(validate({ name: "jane", mayPauseCluster: true, mayPauseNodes: true })).toBe(false);
  expect(validate({ name: "jane", mayPauseCluster: true, mayPauseNodes: true, mayRepair: true, age: 7 })).toBe(false);
});
