import convict from "convict";
import { describe, expect, test } from "vitest";
import { readMessage } from "../../../src/config/convict-merge.ts";
import { validateParams } from "../../../src/config/params.ts";
import type { ParamSchema } from "../../../src/plugin-api/params.ts";

const schema: ParamSchema = {
  timeout: { doc: "", format: "duration", default: "5s" },
  verify: { doc: "", format: "flag", default: true },
  name: { doc: "", format: "string", default: "x" },
  hosts: { doc: "", format: "strings", default: [] },
  count: { doc: "", format: "int", default: 0 },
  codes: { doc: "", format: "ints", default: [200] },
  port: { doc: "", format: "port", default: 6443 },
  url: { doc: "", format: "url", default: null },
  file: { doc: "", format: "path", default: null },
  labels: { doc: "", format: "labels", default: { "example.com/a": "b" } },
  mode: { doc: "", format: ["json", "plain"], default: "json" },
  secret: { doc: "", format: "string", default: null, sensitive: true },
};

/** What the wrapper relies on. When an update of convict changes a form, one of these fails. */
describe("convict's own messages", () => {
  const report = (definition: object, values: object) => {
    const config = convict(definition as convict.Schema<Record<string, unknown>>, { env: {}, args: [] });
    config.load(values);
    try {
      config.validate({ allowed: "strict" });
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  const text = { default: "a", format: ["a", "b"] };

  test("a value that a format refuses: key, message, value", () => {
    expect(report({ mode: text }, { mode: "c" })).toBe(
      'mode: must be one of the possible values: ["a","b"]: value was "c"',
    );
  });

  test("no value is printed for sensitive keys", () => {
    expect(report({ mode: { ...text, sensitive: true } }, { mode: "c" })).toBe(
      'mode: must be one of the possible values: ["a","b"]',
    );
  });

  test("no value is printed when it is falsy", () => {
    expect(report({ mode: text }, { mode: "" })).toBe('mode: must be one of the possible values: ["a","b"]');
  });

  test("several problems are several lines", () => {
    expect(report({ one: text, two: text }, { one: "c", two: "d" }).split("\n")).toHaveLength(2);
  });

  test("an unknown key is reported without a place", () => {
    expect(report({ mode: text }, { mod: "a" })).toBe("configuration param 'mod' not declared in the schema");
  });

  test("null overrides a default and then fails, unless the key is nullable", () => {
    expect(report({ mode: text }, { mode: null })).toBe('mode: must be one of the possible values: ["a","b"]');
    expect(report({ mode: { ...text, nullable: true } }, { mode: null })).toBe("");
  });

  test("a scalar where a section belongs is one line for each missing child", () => {
    const missing = "configuration param 'a.b' missing from config, did you override its parent?";
    expect(report({ a: { b: text } }, { a: 1 })).toContain(missing);
  });

  test("its Boolean takes no for true: the reason for a format of our own", () => {
    expect(report({ flag: { default: false, format: Boolean } }, { flag: "no" })).toBe("");
  });

  test("readMessage takes key and message and drops the value", () => {
    expect(readMessage('mode: must be x: value was "hunter2: value was"')).toEqual(["mode", "must be x"]);
    expect(readMessage("mode: must be x")).toEqual(["mode", "must be x"]);
    expect(() => readMessage("something new")).toThrow("unknown form");
  });
});

describe("validateParams", () => {
  test("fills in defaults and hands durations over in milliseconds", () => {
    expect(validateParams(schema, { name: "y", url: "https://a" })).toEqual({
      problems: [],
      values: {
        timeout: 5_000,
        verify: true,
        name: "y",
        hosts: [],
        count: 0,
        codes: [200],
        port: 6443,
        url: "https://a",
        file: undefined,
        labels: { "example.com/a": "b" },
        mode: "json",
        secret: undefined,
      },
    });
  });

  test.each([
    ["timeout", 5, "expected a duration such as 30s or 5m"],
    ["timeout", "-1s", "expected a duration such as 30s or 5m"],
    ["verify", "no", "expected true or false"],
    ["verify", 1, "expected true or false"],
    ["name", true, "expected text (true and false in quotes)"],
    ["count", "3", "expected a whole number"],
    ["count", 1.5, "expected a whole number"],
    ["port", 0, "expected a port from 1 to 65535"],
    ["port", "6443x", "expected a port from 1 to 65535"],
    ["url", "ftp://a", "expected an http or https address without user and password"],
    ["url", "https://user:pw@a", "expected an http or https address without user and password"],
    ["mode", "JSON", "expected one of json, plain"],
    ["hosts", "a,b", "expected a list of texts"],
    ["codes", { 200: true }, "expected a list of whole numbers"],
    ["labels", ["a"], "expected labels, as in `topology: east`"],
    ["secret", ["a"], "expected text (true and false in quotes)"],
  ])("%s: %j is refused", (path, value, message) => {
    expect(validateParams(schema, { [path]: value }).problems).toEqual([{ path, message }]);
  });

  test("each bad item is named", () => {
    const { problems } = validateParams(schema, { codes: [200, "404", 1.5], labels: { "example.com/x": {} } });
    expect(problems.map(({ path }) => path)).toEqual(["codes[1]", "codes[2]", "labels.example.com/x"]);
  });

  test("a required parameter must be given", () => {
    const required: ParamSchema = { command: { doc: "", format: "strings", default: null, required: true } };
    const missing = [{ path: "command", message: "missing: expected a list of texts" }];
    expect(validateParams(required, {}).problems).toEqual(missing);
    expect(validateParams(required, { command: ["/bin/x"] }).problems).toEqual([]);
  });
});
