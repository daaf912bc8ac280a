import { expect, test } from "vitest";
import commandCheck from "../../../plugins/checks/command/index.ts";
import { systemClock } from "../../../src/app/clock.ts";
import { validateParams } from "../../../src/config/params.ts";
import type { ProbeResult } from "../../../src/plugin-api/index.ts";
import { recordingLog } from "../../support/recording-log.ts";

async function probe(script: string, timeoutMs = 5_000): Promise<ProbeResult> {
  const { values, problems } = validateParams(commandCheck.params, { command: ["/bin/sh", "-c", script] });
  expect(problems).toEqual([]);
  const check = commandCheck.create(values, { clock: systemClock, log: recordingLog(), silenceMs: 25_000 });
  if (!("probe" in check)) throw new Error("not a probing check");
  using deadline = systemClock.deadline(timeoutMs);
  const target = { name: "n1", uid: "u1", role: "master" as const, internalIP: "127.0.0.1", kubeletPort: 10250 };
  return await check.probe(target, deadline.signal);
}

test("exit 0 passes, 1 fails, anything else is unknown", async () => {
  expect((await probe("exit 0")).verdict).toBe("pass");
  expect((await probe("exit 1")).verdict).toBe("fail");
  expect((await probe("exit 2")).verdict).toBe("unknown");
  expect((await probe("exit 127")).verdict).toBe("unknown");
  expect((await probe("kill -9 $$")).verdict).toBe("unknown");
});

test("only a pass is a sign of life of the node", async () => {
  expect((await probe("exit 0")).answered).toBe(true);
  expect((await probe("exit 1")).answered).toBe(false);
  expect((await probe("exit 2")).answered).toBe(false);
});

test("the node is described by environment variables, and the first words of the output are the message", async () => {
  const seen = await probe(
    'echo "$ACESO_NODE_NAME $ACESO_NODE_UID $ACESO_NODE_ROLE $ACESO_NODE_IP $ACESO_KUBELET_PORT"; exit 1',
  );
  expect(seen.message).toBe("n1 u1 master 127.0.0.1 10250");
});

test("a command that is still running at the timeout is unknown and gone", async () => {
  const seen = await probe("sleep 60", 200);
  expect(seen).toMatchObject({ verdict: "unknown", answered: false });
  expect(seen.message).toContain("killed");
});

test("the command is required", () => {
  expect(validateParams(commandCheck.params, {}).problems).toHaveLength(1);
});
