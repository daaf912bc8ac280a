const apiVersion = "aceso.dev/v1alpha1";
const kinds: readonly unknown[] = ["health-check", "provider"];
const formats: readonly unknown[] = [
  "duration",
  "flag",
  "string",
  "strings",
  "int",
  "ints",
  "port",
  "url",
  "path",
  "labels",
];

/** What is wrong with a foreign module's default export as a plugin; empty when nothing is. Never throws. */
export function pluginProblems(plugin: unknown): readonly string[] {
  if (!isObject(plugin)) return ["its default export is not an object"];
  const problems: string[] = [];
  const expect = (isRight: boolean, problem: string) => {
    if (!isRight) problems.push(problem);
  };
  expect(plugin.apiVersion === apiVersion, `apiVersion is ${show(plugin.apiVersion)}, expected "${apiVersion}"`);
  expect(kinds.includes(plugin.kind), `kind is ${show(plugin.kind)}, expected "health-check" or "provider"`);
  expect(isId(plugin.id), `id is ${show(plugin.id)}, expected letters, digits and dashes, a letter first`);
  expect(typeof plugin.summary === "string", "summary is not a text");
  expect(typeof plugin.create === "function", "create is not a function");
  expect(["undefined", "function"].includes(typeof plugin.mistakes), "mistakes is not a function");
  expect(["undefined", "boolean"].includes(typeof plugin.needsPower), "needsPower is not true or false");
  expect(isObject(plugin.params), "params is not an object");
  return isObject(plugin.params) ? [...problems, ...paramProblems(plugin.params)] : problems;
}

function paramProblems(params: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(params).flatMap(([name, spec]) => {
    if (!/^[a-z][a-z0-9-]*$/.test(name)) return [`params: "${name}" is not kebab-case`];
    if (!isObject(spec)) return [`params.${name} is not an object`];
    const problems: string[] = [];
    if (typeof spec.doc !== "string") problems.push(`params.${name}.doc is not a text`);
    if (!isFormat(spec.format)) {
      problems.push(
        `params.${name}.format is ${show(spec.format)}, expected one of ${formats.join(", ")}, or a list of words`,
      );
    }
    if (spec.default === undefined) problems.push(`params.${name}.default is missing (null: may be absent)`);
    return problems;
  });
}

function isFormat(format: unknown): boolean {
  return Array.isArray(format)
    ? format.length > 0 && format.every((word) => typeof word === "string")
    : formats.includes(format);
}

function isId(id: unknown): boolean {
  return typeof id === "string" && /^[A-Za-z][A-Za-z0-9-]{0,62}$/.test(id);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A foreign value in a message, short. */
function show(value: unknown): string {
  return value === undefined ? "missing" : String(JSON.stringify(value)).slice(0, 60);
}
