import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { fieldsOf } from "../../../src/app/doctor-objects.ts";
import { requiredPolicies, requiredResources } from "../../../src/doctor/required-objects.ts";
import { requiredRights } from "../../../src/doctor/required-rights.ts";
import { namespaceOf } from "../../../src/doctor/rights.ts";
import { grantedRights } from "../../support/rights.ts";

const manifests = join(import.meta.dirname, "../../../manifests");

test("doctor asks about every right of the manifest and about no other", () => {
  const text = (it: { namespace?: string | undefined; group: string; resource: string; verb: string }) =>
    `${it.verb} ${it.resource}.${it.group} in ${it.namespace ?? "*"}`;
  const asked = requiredRights.map((it) => text({ ...it, namespace: namespaceOf(it, "aceso") }));
  expect(asked.sort()).toEqual(grantedRights().map(text).sort());
});

test("doctor knows every field of spec that the custom resources of this version have", () => {
  const crds = readdirSync(join(manifests, "crds")).map((file) =>
    parse(readFileSync(join(manifests, "crds", file), "utf8")),
  );
  const found = crds.map(({ metadata, spec: { versions } }) => {
    const [{ name, schema, subresources }] = versions;
    const specFields = fieldsOf(schema.openAPIV3Schema.properties.spec, "");
    return { name: metadata.name, version: name, needsStatus: subresources?.status !== undefined, specFields };
  });
  expect(requiredResources).toEqual(found);
});

test("doctor looks for every admission policy of the manifest", () => {
  const documents = parseAllDocuments(readFileSync(join(manifests, "aceso.yaml"), "utf8")).map((it) => it.toJS());
  const policies = documents.filter((it) => it.kind === "ValidatingAdmissionPolicy");
  const found = policies.map(({ metadata, spec }) => ({
    name: metadata.name,
    namesAccount: JSON.stringify(spec.matchConditions).includes("'system:serviceaccount:aceso:aceso'"),
  }));
  expect(requiredPolicies.map(({ name, namesAccount }) => ({ name, namesAccount }))).toEqual(found);
});
