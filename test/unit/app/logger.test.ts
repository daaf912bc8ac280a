import fc from "fast-check";
import { pino } from "pino";
import { expect, test } from "vitest";
import { createLog } from "../../../src/app/logger.ts";

const secretKeys = ["password", "token", "secret", "authorization", "Authorization", "x-auth-token", "X-Auth-Token"];

function linesOf(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLog("debug", (line) => lines.push(line)));
  return lines.map((line) => JSON.parse(line));
}

/** Whatever JSON can hold, with secrets at any depth. */
const { fields } = fc.letrec<{ fields: Record<string, unknown>; value: unknown }>((tie) => ({
  fields: fc.dictionary(fc.constantFrom("node", "answer", ...secretKeys.slice(0, 4)), tie("value"), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom("text", 7, true, null),
    tie("fields"),
    fc.array(tie("fields"), { maxLength: 2 }),
  ),
}));

/** What pino's own redaction makes of it. */
function redacted(written: object): unknown {
  const paths = secretKeys.flatMap((key) => [`["${key}"]`, `*["${key}"]`, `*.*["${key}"]`, `*.*.*["${key}"]`]);
  let text = "";
  const write = (line: string) => {
    text = line;
  };
  pino({ base: null, timestamp: false, redact: { paths, censor: "[Redacted]" } }, { write }).info(written, "said");
  const { level: _level, ...rest } = JSON.parse(text);
  return rest;
}

test("no secret in the first four depths of the fields reaches the log, and everything else does", () => {
  fc.assert(
    fc.property(fields, (written) => {
      const before = structuredClone(written);
      const [line, ofChild] = linesOf((log) => {
        log.info(written, "said");
        log.child(written).info({}, "said");
      });
      const { level: _level, time: _time, ...rest } = line ?? {};
      expect(written, "what was to be logged is left as it is").toEqual(before);
      expect(ofChild).toMatchObject(rest);
      expect(rest).toEqual(redacted(before));
    }),
    { numRuns: 500 },
  );
});

test("an error is its name, message, code and stack, without what hangs on it", () => {
  const error = Object.assign(new Error("no"), { code: "E", request: { token: "t0p" } });
  const [line] = linesOf((log) => log.error({ err: error }, "it failed"));
  expect(line?.err).toEqual({ name: "Error", message: "no", code: "E", stack: error.stack });
});

test("what hangs on an error in another field is searched for secrets as everything is", () => {
  const error = Object.assign(new Error("no"), { request: { token: "t0p" } });
  const [line] = linesOf((log) => log.error({ cause: error }, "it failed"));
  expect(line?.cause).toEqual({ request: { token: "[Redacted]" } });
});
