import fc from "fast-check";
import { expect, test } from "vitest";
import { fenceAgentProtocol } from "../../../plugins/providers/exec/fence-agent-protocol.ts";
import { jsonProtocol } from "../../../plugins/providers/exec/json-protocol.ts";
import type { Answer } from "../../../plugins/providers/exec/protocol.ts";
import type { Operation } from "../../../plugins/providers/exec/settings.ts";
import type { ProcessEnd } from "../../../plugins/shared/process/run-process.ts";

const operation = fc.constantFrom<Operation>("identify", "observe", "power-off", "power-on", "rebuild");
const end = fc.oneof(
  fc.constantFrom<ProcessEnd>(
    { kind: "exited", code: 0 },
    { kind: "timed-out" },
    { kind: "aborted" },
    { kind: "signalled", signal: "SIGKILL" },
  ),
  fc.nat(255).map((code): ProcessEnd => ({ kind: "exited", code })),
);
const goodAnswers: Readonly<Record<string, object>> = {
  identify: { machine: "vm-7" },
  observe: { power: "off", text: "shut off" },
  "power-off": { accepted: true },
  "power-on": { accepted: true },
  rebuild: { accepted: true },
};
const exited0: ProcessEnd = { kind: "exited", code: 0 };
const read = (what: Operation, stdout: string, how: ProcessEnd = exited0, isTruncated = false): Answer =>
  jsonProtocol.toAnswer(what, { end: how, stdout, stderr: "", isTruncated }, []);

test("json: every answer of the contract is understood", () => {
  expect(read("identify", '{"machine":"vm-7"}')).toEqual({ kind: "machine", machine: "vm-7" });
  expect(read("identify", '{"machine":null}')).toEqual({ kind: "machine", machine: undefined });
  expect(read("observe", ' {"power":"off","text":"shut"}\n')).toEqual({ kind: "power", power: "off", text: "shut" });
  expect(read("observe", '{"power":"on"}')).toEqual({ kind: "power", power: "on", text: "the program said on" });
  expect(read("power-off", '{"accepted":true}')).toEqual({ kind: "accepted" });
  expect(read("power-off", '{"error":{"remedy":"give-up","message":"no such vm"}}')).toEqual({
    kind: "error",
    remedy: "give-up",
    message: "no such vm",
  });
});

test("json: whatever bytes come, with whatever end, the decoder returns an answer and never throws", () => {
  fc.assert(
    fc.property(
      operation,
      end,
      fc.oneof(fc.string({ unit: "binary" }), fc.json()),
      fc.boolean(),
      (what, how, out, cut) => {
        const answer = read(what, out, how, cut);
        if (cut || how.kind !== "exited" || how.code !== 0) expect(answer.kind).toBe("unclear");
      },
    ),
    { numRuns: 1_000 },
  );
});

test("json: a good answer that is cut anywhere, or followed by anything, is unclear", () => {
  fc.assert(
    fc.property(operation, fc.nat(), fc.string({ minLength: 1 }), (what, at, tail) => {
      const whole = JSON.stringify(goodAnswers[what]);
      expect(read(what, whole.slice(0, at % whole.length)).kind).toBe("unclear");
      if (tail.trim() !== "") expect(read(what, whole + tail).kind).toBe("unclear");
      expect(read(what, whole).kind).not.toBe("unclear");
    }),
    { numRuns: 1_000 },
  );
});

test("json: an object is `off` only when it says exactly that, with exit 0", () => {
  const value = fc.oneof(fc.constantFrom("off", "on", "Off", "OFF", " off", 0, false, null), fc.jsonValue());
  fc.assert(
    fc.property(value, end, (power, how) => {
      const answer = read("observe", JSON.stringify({ power }), how);
      const isOff = answer.kind === "power" && answer.power === "off";
      expect(isOff).toBe(power === "off" && how.kind === "exited" && how.code === 0);
    }),
    { numRuns: 1_000 },
  );
});

test("json: an act is accepted by nothing but accepted: true", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (accepted) => {
      expect(read("power-off", JSON.stringify({ accepted })).kind).toBe(accepted === true ? "accepted" : "unclear");
    }),
    { numRuns: 1_000 },
  );
});

test("fence agent: only exit 2 of status is off, only exit 0 of an act is accepted, whatever is printed", () => {
  fc.assert(
    fc.property(operation, end, fc.string(), (what, how, text) => {
      const answer = fenceAgentProtocol.toAnswer(
        what,
        { end: how, stdout: text, stderr: text, isTruncated: false },
        [],
      );
      const code = how.kind === "exited" ? how.code : undefined;
      expect(answer.kind === "power" && answer.power === "off").toBe(what === "observe" && code === 2);
      expect(answer.kind === "accepted").toBe(what !== "observe" && code === 0);
    }),
    { numRuns: 1_000 },
  );
});

test("no text of a program carries a secret or more than 200 characters on", () => {
  const secret = "hunter2secret";
  fc.assert(
    fc.property(operation, end, fc.string({ maxLength: 400 }), (what, how, noise) => {
      const text = `${noise}${secret}${noise}`;
      const stdout = JSON.stringify({ error: { remedy: "retry", message: text }, power: "on", text });
      for (const protocol of [jsonProtocol, fenceAgentProtocol]) {
        const answer = protocol.toAnswer(what, { end: how, stdout, stderr: text, isTruncated: false }, [secret]);
        expect(JSON.stringify(answer)).not.toContain(secret);
        expect(JSON.stringify(answer).length).toBeLessThan(2_000);
      }
    }),
    { numRuns: 500 },
  );
});
