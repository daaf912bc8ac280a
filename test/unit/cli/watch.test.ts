import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { CommandError } from "../../../src/cli/exit-codes.ts";
import { type Look, watch } from "../../../src/cli/watch.ts";
import { hastyClock } from "../../support/hasty-clock.ts";

const problem = new CommandError("no API server answers");

interface Told {
  out: string;
  err: string;
  readonly sleeps: readonly number[];
  readonly ended: unknown;
}

/** Watches until the looks are used up, then presses Ctrl-C in the next one. Time between looks passes at once. */
async function watching(looks: readonly (Look | Error)[], rows?: number): Promise<Told> {
  const clock = hastyClock();
  const stop = new AbortController();
  const told = { out: "", err: "" };
  let next = 0;
  const ended = await watch(
    {
      clock,
      signal: stop.signal,
      screen: () => (rows === undefined ? undefined : { rows, columns: 20 }),
      out: (text) => {
        told.out += text;
      },
      err: (text) => {
        told.err += text;
      },
    },
    {
      everyMs: 5_000,
      look: async (signal) => {
        const look = looks[next++];
        if (look === undefined) {
          stop.abort(new Error("Ctrl-C"));
          signal.throwIfAborted();
        }
        if (look === undefined || look instanceof Error) throw look;
        return look;
      },
    },
  ).catch((error: unknown) => error);
  return { ...told, sleeps: clock.sleeps, ended };
}

const look = (text: string, key = text): Look => ({ text: `${text}\n`, key });

test("elsewhere than on a terminal only what has changed is written, and Ctrl-C ends it", async () => {
  const { out, err, ended } = await watching([look("a, 1s", "a"), look("a, 2s", "a"), look("b"), look("a, 9s", "a")]);
  expect([out, err, ended]).toEqual(["a, 1s\nb\na, 9s\n", "", new Error("Ctrl-C")]);
});

test("between two looks it rests", async () => {
  const { sleeps } = await watching([look("a"), look("b"), look("c")]);
  expect(sleeps).toEqual([5_000, 5_000, 5_000]);
});

test("a failed look is noted once, tried again with growing pauses, and its end is noted too", async () => {
  const { out, err, sleeps } = await watching([look("a"), problem, problem, problem, look("a")]);
  expect(out).toBe("a\n");
  expect(err.split("\n")).toEqual([
    "note: no API server answers (ACESO_COMMAND); it is tried again",
    "note: the cluster can be read again",
    "",
  ]);
  const [, first = 0, second = 0, third = 0] = sleeps;
  expect(first).toBeLessThanOrEqual(1_000);
  expect(second).toBeGreaterThanOrEqual(1_000);
  expect(third).toBeGreaterThanOrEqual(2_000);
});

test("the pauses after failures stay below half a minute, and begin small again after a success", async () => {
  const { sleeps } = await watching([look("a"), ...Array.from({ length: 12 }, () => problem), look("a"), problem]);
  expect(Math.max(...sleeps)).toBeLessThanOrEqual(30_000);
  expect(sleeps.at(-1)).toBeLessThanOrEqual(1_000);
});

test("a first look that fails, and what is no error of ours, end it", async () => {
  expect((await watching([problem, look("a")])).ended).toBe(problem);
  const bug = new TypeError("bug");
  expect((await watching([look("a"), bug, look("b")])).ended).toBe(bug);
});

test("a look that takes two seconds is followed by eight of rest", async () => {
  const clock = hastyClock();
  let monoMs = 0;
  const stop = new AbortController();
  const ports = { signal: stop.signal, screen: () => undefined, out: () => undefined, err: () => undefined };
  const slow = async () => {
    if (clock.sleeps.length > 0) stop.abort(new Error("Ctrl-C"));
    stop.signal.throwIfAborted();
    monoMs += 2_000;
    return look("a");
  };
  const now = () => ({ monoMs, wallMs: monoMs });
  await expect(watch({ ...ports, clock: { ...clock, now } }, { everyMs: 5_000, look: slow })).rejects.toThrow("Ctrl-C");
  expect(clock.sleeps).toEqual([8_000]);
});

test("on a terminal each look is drawn from the top, cut to its size, without what stood there", async () => {
  const { out } = await watching([look("a, 1s", "a"), look("a, 2s", "a")], 10);
  expect(out).toBe("\x1b[2J\x1b[Ha, 1s\x1b[K\n\x1b[J\x1b[Ha, 2s\x1b[K\n\x1b[J");
  const long = await watching(
    [look(Array.from({ length: 12 }, (_, i) => `line ${i} ${"x".repeat(40)}`).join("\n"))],
    5,
  );
  const lines = stripVTControlCharacters(long.out).split("\n");
  expect(lines).toEqual(["line 0 xxxxxxxxxxxxx", "line 1 xxxxxxxxxxxxx", "line 2 xxxxxxxxxxxxx", "… 9 more lines", ""]);
});

test("on a terminal a failure stands above the last look, with its age", async () => {
  const { out, err } = await watching([look("all is well"), problem], 10);
  expect(err).toBe("");
  const lines = stripVTControlCharacters(out.split("\x1b[H").at(-1) ?? "").split("\n");
  expect(lines.join("")).toMatch(
    /^Note: no API server answers \(ACESO_COMMAND\); trying again in \ds\. What follows is \ds old\.all is well$/,
  );
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(20);
});
