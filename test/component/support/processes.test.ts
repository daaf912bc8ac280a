import { afterEach, describe, expect, test } from "vitest";
import { type AcesoProcess, startAceso } from "../../support/aceso-process.ts";
import { isRunning } from "../../support/processes.ts";

const started: AcesoProcess[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.kill()));
});

async function start(script: string): Promise<AcesoProcess> {
  const made = await startAceso({ name: "replica 1", command: [process.execPath, "-e", script], args: [] });
  started.push(made);
  return made;
}

describe("Aceso as a child process", () => {
  test("its log is read line by line, JSON parsed", async () => {
    const child = await start(`console.log('{"phase":"Fencing"}'); console.error("plain"); setInterval(() => {}, 1e6)`);
    expect((await child.line(/Fencing/)).fields).toEqual({ phase: "Fencing" });
    expect((await child.line(/plain/)).text).toBe("plain");
    await expect(child.line(/never/, { withinMs: 200 })).rejects.toThrow(/replica 1 logs .*plain/s);
  });

  test("SIGKILL ends it with the children it has", async () => {
    const child = await start(
      `const c = require("node:child_process").spawn("sleep", ["600"]); console.log("child " + c.pid); setInterval(() => {}, 1e6)`,
    );
    const grandchild = Number((await child.line(/^child/)).text.split(" ")[1]);
    expect(isRunning(grandchild)).toBe(true);
    expect(await child.kill()).toEqual({ code: null, signal: "SIGKILL" });
    await expect.poll(() => isRunning(grandchild)).toBe(false);
    expect(child.isAlive()).toBe(false);
  });

  test("one that does not heed SIGTERM is killed after the time given", async () => {
    const child = await start(`process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1e6)`);
    await child.line(/up/);
    expect(await child.stop(200)).toEqual({ code: null, signal: "SIGKILL" });
  });

  test("one that heeds it ends by itself", async () => {
    const child = await start(
      `process.on("SIGTERM", () => process.exit(0)); console.log("up"); setInterval(() => {}, 1e6)`,
    );
    await child.line(/up/);
    expect(await child.stop()).toEqual({ code: 0, signal: null });
  });
});
