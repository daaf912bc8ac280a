import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../../support/control-plane/start.ts";
import { isRunning } from "../../support/processes.ts";

const start = join(import.meta.dirname, "../../support/control-plane/start.ts");
let plane: ControlPlane | undefined;

afterEach(() => plane?.stop());

test("a control plane whose test process was killed is ended by the next one that starts", async () => {
  const script = `
    const { startControlPlane } = await import(${JSON.stringify(start)});
    const plane = await startControlPlane({ crds: false });
    console.log(JSON.stringify({ pids: Object.values(plane.pids()), dir: plane.dir }));`;
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", script];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
  const { pids, dir }: { pids: number[]; dir: string } = JSON.parse(line);
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exited;
  expect(pids.filter(isRunning)).toEqual(pids);

  plane = await startControlPlane({ crds: false });
  expect(pids.filter(isRunning)).toEqual([]);
  expect(existsSync(dir)).toBe(false);
  expect(Object.values(plane.pids()).filter(isRunning)).toHaveLength(4);
});
