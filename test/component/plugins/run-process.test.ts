import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { oneLine } from "../../../plugins/shared/process/one-line.ts";
import { type ProcessRequest, runProcess } from "../../../plugins/shared/process/run-process.ts";
import { systemClock } from "../../../src/app/clock.ts";
import { eventually } from "../../support/eventually.ts";

const never = new AbortController().signal;

function run(script: string, fields: Partial<ProcessRequest> = {}, signal = never) {
  return runProcess({ command: ["/bin/sh", "-c", script], timeoutMs: 10_000, ...fields }, systemClock, signal);
}

/** Whether a process still runs; a zombie that nobody has reaped does not. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    return !/\) Z /.test(stat);
  } catch {
    return false;
  }
}

test("hands over standard input, and gives back exit code and both outputs", async () => {
  expect(await run("cat; echo oops >&2; exit 3", { stdin: "hello" })).toEqual({
    end: { kind: "exited", code: 3 },
    stdout: "hello",
    stderr: "oops\n",
    isTruncated: false,
  });
});

test("arguments reach the program as they are: no shell looks at them", async () => {
  const command = ["/bin/echo", "$HOME", "; exit 7", "*"];
  const { stdout } = await runProcess({ command, timeoutMs: 10_000 }, systemClock, never);
  expect(stdout).toBe("$HOME ; exit 7 *\n");
});

test("output beyond its bound is dropped and said to be", async () => {
  const { stdout, isTruncated, end } = await run("head -c 300000 /dev/zero", { maxStdoutBytes: 1_000 });
  expect([stdout.length, isTruncated, end]).toEqual([1_000, true, { kind: "exited", code: 0 }]);
  expect((await run("head -c 1000 /dev/zero", { maxStdoutBytes: 1_000 })).isTruncated).toBe(false);
});

test("at the timeout the whole process group is killed, grandchildren too", async () => {
  const { end, stdout } = await run("sleep 60 & echo $!; wait", { timeoutMs: 300 });
  expect(end).toEqual({ kind: "timed-out" });
  const grandchild = Number(stdout);
  expect(grandchild).toBeGreaterThan(1);
  await eventually("the grandchild is gone", async () => !(await isRunning(grandchild)), {
    withinMs: 5_000,
    everyMs: 10,
  });
});

test("an abort kills the whole process group, also a program that ignores SIGTERM", async () => {
  const stop = new AbortController();
  const folder = await mkdtemp(join(tmpdir(), "aceso-process-"));
  const ended = run(`trap '' TERM; echo $$ > ${folder}/pid; while :; do sleep 1; done`, {}, stop.signal);
  const readPid = () => readFile(`${folder}/pid`, "utf8").then(Number, () => undefined);
  const pid = await eventually("it has started", readPid, { everyMs: 10 });
  stop.abort();
  expect((await ended).end).toEqual({ kind: "aborted" });
  await eventually("it is gone", async () => !(await isRunning(pid)), { withinMs: 5_000, everyMs: 10 });
  await rm(folder, { recursive: true });
});

test("what a program leaves running in its group when it ends is killed, and does not delay the answer", async () => {
  const startedMs = systemClock.now().monoMs;
  const { end, stdout } = await run("sleep 60 & echo $!");
  expect(end).toEqual({ kind: "exited", code: 0 });
  expect(systemClock.now().monoMs - startedMs).toBeLessThan(5_000);
  await eventually("it is gone", async () => !(await isRunning(Number(stdout))), { withinMs: 5_000, everyMs: 10 });
});

test("a pipe held by something outside the group does not delay the answer for long", async () => {
  const { end, stdout } = await run("setsid sh -c 'sleep 3' & sleep 0.2; echo done");
  expect([end, stdout]).toEqual([{ kind: "exited", code: 0 }, "done\n"]);
});

test("a program that does not exist, or may not run, has not started", async () => {
  const missing = await runProcess({ command: ["/nonexistent/program"], timeoutMs: 1_000 }, systemClock, never);
  expect(missing.end).toEqual({ kind: "not-started", problem: "ENOENT", isMissing: true });
  const folder = await runProcess({ command: ["/tmp"], timeoutMs: 1_000 }, systemClock, never);
  expect(folder.end).toMatchObject({ kind: "not-started", isMissing: true });
  const empty = await runProcess({ command: [], timeoutMs: 1_000 }, systemClock, never);
  expect(empty.end.kind).toBe("not-started");
});

test("nothing is started once the signal has aborted", async () => {
  expect((await run("exit 0", {}, AbortSignal.abort())).end).toMatchObject({ kind: "not-started", isMissing: false });
});

test("a program that closes its input early is no failure", async () => {
  const { end } = await run("exec 0<&-; exit 0", { stdin: "x".repeat(1_000_000) });
  expect(end).toEqual({ kind: "exited", code: 0 });
});

test("a signal that ends the program is told", async () => {
  expect((await run("kill -9 $$")).end).toEqual({ kind: "signalled", signal: "SIGKILL" });
});

test("our own settings in the environment are not inherited", async () => {
  process.env.ACESO_TEST_SECRET = "hush";
  try {
    const { stdout } = await run("env", { env: { ACESO_NODE_NAME: "n1" } });
    expect(stdout).toContain("ACESO_NODE_NAME=n1");
    expect(stdout).not.toContain("hush");
  } finally {
    delete process.env.ACESO_TEST_SECRET;
  }
});

test("foreign text becomes one short line, without control characters and without secrets", () => {
  expect(oneLine("a\n\tb\u001b[31mc\u2028d")).toBe("a b [31mc d");
  expect(oneLine("login hunter22 hunter2222", 200, ["hunter22", "hunter2222", "in"])).toBe("login *** ***");
  expect(oneLine("x".repeat(300))).toHaveLength(200);
});
