import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { startAceso } from "../../support/aceso-process.ts";
import { eventually } from "../../support/eventually.ts";
import { cliRig, runMain } from "./cli-rig.ts";

type Rig = Awaited<ReturnType<typeof cliRig>>;

/** `aceso status --watch` as a process of its own. */
async function startWatch({ kubeconfig }: Rig, ...more: readonly string[]) {
  const args = ["status", "--watch", "--interval", "1s", "--kubeconfig", kubeconfig, ...more];
  const watching = await startAceso({ name: "watch", args });
  return {
    ...watching,
    line: (pattern: RegExp) => watching.line(pattern, { withinMs: 60_000 }),
    text: () => watching.lines.map((line) => line.text).join("\n"),
    /** Ctrl-C. @returns the exit code */
    async end() {
      watching.signal("SIGINT");
      return (await watching.exited).code;
    },
    kill: () => watching.kill(),
    [Symbol.asyncDispose]: async () => void (await watching.kill()),
  };
}

test("status --watch writes the ward round again when something has changed, and ends with 130 on Ctrl-C", async () => {
  await using rig = await cliRig();
  await using watching = await startWatch(rig);
  await watching.line(/^n1 +worker +Held +unproven-not-accepted/);
  const looks = () => rig.kube.log.entries.filter(({ path }) => path.endsWith("/noderepairs")).length;
  await eventually("it has looked twice", () => looks() > 2);
  expect(watching.text().match(/^Leader: /gm)).toHaveLength(1);
  expect((await rig.aceso("pause", "n1", "--reason", "disk swap")).exitCode).toBe(0);
  await watching.line(/^Paused: +node n1: disk swap/);
  await watching.line(/^n1 +worker +Held +paused/);
  expect(await watching.end()).toBe(130);
  expect(watching.text()).not.toMatch(/error|stack|^\s+at /m);
}, 90_000);

test("an API server that goes away is a note, and the watch goes on when it is back", async () => {
  await using rig = await cliRig();
  await using watching = await startWatch(rig);
  await watching.line(/^Leader: /);
  const away = rig.kube.faults.add({ match: { plural: "nodes" }, fault: { kind: "answer", code: 403 } });
  await watching.line(/^note: .*ACESO_KUBE_FORBIDDEN.*; it is tried again$/);
  away.remove();
  await watching.line(/^note: the cluster can be read again$/);
  expect(await watching.end()).toBe(130);
}, 90_000);

test("a cluster that is gone for good is noted, and Ctrl-C ends the wait for it at once", async () => {
  await using rig = await cliRig();
  await using watching = await startWatch(rig);
  await watching.line(/^Leader: /);
  await rig.kube.stop();
  await watching.line(/^note: .*ACESO_KUBE_UNAVAILABLE.*; it is tried again$/);
  expect(await watching.end()).toBe(130);
}, 90_000);

test("a watch for programs writes one document after the other", async () => {
  await using rig = await cliRig();
  await using watching = await startWatch(rig, "-o", "yaml");
  await watching.line(/^notes:/);
  await rig.aceso("pause", "n1");
  await watching.line(/^ +reason: paused$/);
  expect(await watching.end()).toBe(130);
  const [first, second] = parseAllDocuments(watching.text()).map((document) => document.toJS());
  expect([first.items[0].reason, second.items[0].reason]).toEqual(["unproven-not-accepted", "paused"]);
}, 90_000);

test("a watch without a cluster ends at once, like any command", async () => {
  await using rig = await cliRig();
  await rig.kube.stop();
  const { exitCode, err } = await runMain(["status", "-w", "--kubeconfig", rig.kubeconfig]);
  expect([exitCode, err]).toEqual([5, expect.stringContaining("ACESO_KUBE_UNAVAILABLE")]);
}, 90_000);
