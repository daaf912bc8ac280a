import { describe, expect, test } from "vitest";
import { CommandError, exitCodes, toExit } from "../../../src/cli/exit-codes.ts";
import { keyFlags } from "../../../src/cli/run-command.ts";
import { rootKeys } from "../../../src/config/schema.ts";
import type { ErrorCode } from "../../../src/core/error-codes.ts";
import { AcesoError } from "../../../src/core/errors.ts";
import { minuteMs } from "../../../src/core/time.ts";
import { crowd, node, notReady, now, record, still, view } from "../../support/core-builders.ts";
import { cli } from "./fake-ports.ts";

const until = (ms: number) => `${new Date(now.wallMs + ms).toISOString().slice(0, 19)}Z`;
const silent = () => {
  const base = view({ nodes: [node("n1", notReady), ...crowd] });
  return { ...base, leases: new Map([...base.leases, ["n1", still(minuteMs)]]) };
};

describe("run", () => {
  test("takes namespace, node and instance from the pod's environment", async () => {
    const env = { POD_NAMESPACE: "heal", NODE_NAME: "m1", POD_NAME: "aceso-x" };
    const { runs, exitCode } = await cli(["run"], { env });
    expect(exitCode).toBe(0);
    expect(runs).toEqual([
      {
        configFile: "/etc/aceso/config.yaml",
        kubeconfig: undefined,
        context: undefined,
        namespace: "heal",
        daemonSet: "aceso",
        nodeName: "m1",
        instance: "aceso-x",
        logLevel: "info",
        settings: {},
      },
    ]);
  });

  test("outside a pod it is named after the host, in namespace aceso", async () => {
    const { runs } = await cli(["run", "--daemonset", ""]);
    expect(runs[0]).toMatchObject({
      namespace: "aceso",
      instance: "host-a",
      daemonSet: undefined,
      nodeName: undefined,
    });
  });

  test("flags and --set become settings, the latest wins", async () => {
    const args = [
      "run",
      "--dry-run",
      "--max-parallel",
      "2",
      "--set",
      "fencing.accept-unproven=true",
      "--set",
      "max-parallel=5",
    ];
    const { runs } = await cli(args);
    expect(runs[0]?.settings).toEqual({ "dry-run": "true", "max-parallel": "5", "fencing.accept-unproven": "true" });
  });

  test("--dry-run=false is a setting too", async () => {
    expect((await cli(["run", "--dry-run=false"])).runs[0]?.settings).toEqual({ "dry-run": "false" });
  });

  test("every key flag is a key of the configuration", () => {
    expect(keyFlags.map(({ key }) => key).filter((key) => !(key in rootKeys))).toEqual([]);
  });

  test("--set without a value is wrong use", async () => {
    const { exitCode, err } = await cli(["run", "--set", "dry-run"]);
    expect([exitCode, err]).toEqual([2, expect.stringContaining("expected KEY=VALUE")]);
  });
});

describe("wrong use", () => {
  test.each([
    [["nonsense"]],
    [["explain"]],
    [["explain", "n1", "-o", "xml"]],
    [["run", "--log-level", "loud"]],
    [["pause", "n1", "--for", "soon"]],
    [["pause", "n1", "--for", "-5m"]],
    [["pause", "n1", "--for", "1h", "--until", "2030-01-01T00:00:00Z"]],
    [["pause", "n1", "--until", "tomorrow"]],
    [["pause", "n1", "--reason", "false"]],
    [["pause", "--daemonset", ""]],
    [["version", "--nope"]],
  ])("%j exits with 2 and writes nothing", async (args) => {
    const { exitCode, err, annotated } = await cli(args, { nodes: [node()] });
    expect(exitCode).toBe(2);
    expect(err).toMatch(/^error: /);
    expect(annotated).toEqual([]);
  });

  test("a mistyped command is told the nearest", async () => {
    expect((await cli(["explian", "n1"])).err).toContain("explain");
  });

  test("help exits with 0 and lists the exit codes", async () => {
    const { exitCode, out } = await cli([]);
    expect([exitCode, out]).toEqual([0, expect.stringContaining("Exit codes:")]);
  });
});

describe("pause and resume", () => {
  test("a node is paused with reason, author and end, and resumed by removing all three", async () => {
    const { annotated, out } = await cli(["pause", "n1", "--for", "2h", "--reason", "disk swap"]);
    expect(annotated).toEqual([
      {
        what: "node/n1",
        change: {
          "aceso.dev/paused": "disk swap",
          "aceso.dev/paused-until": until(120 * minuteMs),
          "aceso.dev/paused-by": "ana",
        },
      },
    ]);
    expect(out).toBe(`node/n1 paused until ${until(120 * minuteMs)}\n`);
    const resumed = await cli(["resume", "n1"]);
    expect(resumed.annotated[0]?.change).toEqual({
      "aceso.dev/paused": null,
      "aceso.dev/paused-until": null,
      "aceso.dev/paused-by": null,
    });
  });

  test("a pause without end takes an earlier end away", async () => {
    const { annotated } = await cli(["pause", "n1"]);
    expect(annotated[0]?.change).toMatchObject({ "aceso.dev/paused": "true", "aceso.dev/paused-until": null });
  });

  test("no node means the whole cluster", async () => {
    expect((await cli(["pause"])).annotated.map(({ what }) => what)).toEqual(["daemonset"]);
    expect((await cli(["resume"])).annotated.map(({ what }) => what)).toEqual(["daemonset"]);
  });

  test("resume of a node warns while the whole cluster is paused", async () => {
    const { err, exitCode } = await cli(["resume", "n1"], {
      annotations: { kind: "read", annotations: { "aceso.dev/paused": "upgrade" } },
    });
    expect([exitCode, err]).toEqual([0, expect.stringContaining("still paused (upgrade)")]);
  });
});

describe("requests", () => {
  test("repair asks for one with reason and author", async () => {
    const { wishes, exitCode } = await cli(["repair", "n1", "--reason", "noisy fan"], { nodes: [node()] });
    expect(exitCode).toBe(0);
    const wish = { id: "id-1", kind: "repair", askedAtWallMs: now.wallMs, reason: "noisy fan", requestedBy: "ana" };
    expect(wishes).toEqual([{ node: "n1", ...wish }]);
  });

  test("repair of a node under repair asks for nothing", async () => {
    const { wishes, out, exitCode } = await cli(["repair", "n1"], { nodes: [node()], record: record() });
    expect([wishes, exitCode, out]).toEqual([[], 0, expect.stringContaining("under repair already (Cordoning)")]);
  });

  test("repair of a held node says that the hold must be released", async () => {
    const { err, exitCode, wishes } = await cli(["repair", "n1"], {
      record: record({ phase: "Held", reason: "ladder-exhausted" }),
    });
    expect([wishes, exitCode, err]).toEqual([[], 1, expect.stringContaining("--release-hold")]);
  });

  test("release-hold names the repair that was held", async () => {
    const { wishes } = await cli(["repair", "n1", "--release-hold"], { record: record({ phase: "Held" }) });
    expect(wishes[0]).toMatchObject({ kind: "release-hold", repairId: "r1" });
  });

  test("release-hold of a node that is not held is refused", async () => {
    const { exitCode, err } = await cli(["repair", "n1", "--release-hold"], { nodes: [node()] });
    expect([exitCode, err]).toEqual([
      1,
      expect.stringMatching(/no repair of node\/n1 ended as Held.*aceso explain n1/),
    ]);
  });

  test("confirm-off asks with boot and repair, and takes the node's name for an answer", async () => {
    const given = { view: silent(), record: record({ phase: "Fencing" }) };
    const yes = await cli(["confirm-off", "n1", "--reason", "I pulled the plug"], { ...given, answer: "n1\n" });
    expect(yes.questions[0]).toContain("boot-1");
    expect(yes.questions[0]).toContain("r1, Fencing since 60s");
    expect(yes.wishes[0]).toMatchObject({
      kind: "confirm-off",
      repairId: "r1",
      bootId: "boot-1",
      reason: "I pulled the plug",
    });
    const no = await cli(["confirm-off", "n1"], { ...given, answer: "yes" });
    expect([no.exitCode, no.wishes]).toEqual([1, []]);
  });

  test("confirm-off without a terminal needs --yes", async () => {
    const given = { view: silent() };
    expect((await cli(["confirm-off", "n1"], given)).exitCode).toBe(2);
    const { wishes } = await cli(["confirm-off", "n1", "-y"], given);
    expect(wishes[0]).toMatchObject({ repairId: "none", bootId: "boot-1" });
  });

  test("confirm-off of a node whose Lease moves is refused", async () => {
    const { exitCode, wishes, err } = await cli(["confirm-off", "n1", "-y"], { nodes: [node()] });
    expect([exitCode, wishes, err]).toEqual([1, [], expect.stringContaining("is not off")]);
  });

  test("confirm-off of a node that booted since its repair began is refused", async () => {
    const booted = { ...silent(), nodes: new Map([["n1", node("n1", { bootID: "boot-2" })]]) };
    const { exitCode, wishes } = await cli(["confirm-off", "n1", "-y"], { view: booted, record: record() });
    expect([exitCode, wishes]).toEqual([1, []]);
  });

  test.each([["explain"], ["history"], ["repair"], ["confirm-off"]])(
    "%s of an unknown node exits with 3",
    async (command) => {
      const { exitCode, err } = await cli([command, "nobody"], { nodes: [node()] });
      expect([exitCode, err]).toEqual([3, expect.stringContaining('node "nobody" not found')]);
    },
  );
});

describe("reading", () => {
  test("status lists who is not well, and is one line when all are", async () => {
    const ill = await cli(["status"], { view: silent() });
    expect(ill.out).toMatch(/^Leader: {6}aceso-a_1 \(renewed 3s ago\)$/m);
    expect(ill.out).toMatch(/^NODE +ROLE +STATE/m);
    expect(ill.out).toMatch(/^n1 +worker +/m);
    expect((await cli(["status"], { nodes: crowd })).out).toContain("All 10 nodes are well.");
  });

  test("status -o json holds the same explanations as explain", async () => {
    const given = { view: silent() };
    const status = JSON.parse((await cli(["status", "-o", "json"], given)).out);
    const one = JSON.parse((await cli(["explain", "n1", "-o", "json"], given)).out);
    expect(status.items.map((it: { node: string }) => it.node)).toEqual(["n1"]);
    expect(status.items[0]).toMatchObject({ sentence: one.sentence, facts: one.facts, wouldChange: one.wouldChange });
  });

  test("explain says that the leader counts by its own sight", async () => {
    expect((await cli(["explain", "n1"], { view: silent() })).out).toContain("the leader counts from its own sight");
  });

  test("history shows the repair under way first, then the past, newest first", async () => {
    const past = (hours: number) => ({
      startedAtWallMs: now.wallMs - hours * 60 * minuteMs,
      endedAtWallMs: now.wallMs - hours * 60 * minuteMs + 5 * minuteMs,
      outcome: "Healed" as const,
      rung: "power-cycle" as const,
      reason: "healed",
    });
    const { out } = await cli(["history", "n1"], { record: record({ history: [past(30), past(12)] }) });
    const lines = out.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^BEGAN +TOOK +OUTCOME +RUNG +REASON$/);
    expect(lines.slice(1).map((line) => line.split(/ {3,}/).slice(0, 3))).toEqual([
      ["60s ago", "under way", "Cordoning"],
      ["12h ago", "5m", "Healed"],
      ["30h ago", "5m", "Healed"],
    ]);
  });

  test("the connection is closed, also after an error", async () => {
    expect((await cli(["explain", "nobody"])).closed).toBe(1);
  });
});

describe("exit codes", () => {
  class Coded extends AcesoError {
    readonly code: ErrorCode;
    readonly remedy = "retry";
    constructor(code: ErrorCode) {
      super("it did not work");
      this.code = code;
    }
  }

  test.each([
    ["ACESO_CONFIG", 2],
    ["ACESO_PROVIDER", 2],
    ["ACESO_KUBE_ACCESS", 2],
    ["ACESO_KUBE_NOT_FOUND", 3],
    ["ACESO_KUBE_FORBIDDEN", 4],
    ["ACESO_KUBE_UNAVAILABLE", 5],
    ["ACESO_KUBE_ANSWER_LOST", 1],
  ] as const)("%s exits with %i and no stack", async (code, exitCode) => {
    const told = await cli(["status"], { fails: new Coded(code) });
    expect([told.exitCode, told.err]).toEqual([exitCode, `error: it did not work (${code})\n`]);
  });

  test("a bug keeps its stack", () => {
    expect(toExit(new TypeError("x is undefined")).text).toMatch(/bug.*\n? *at /s);
    expect(toExit(new CommandError("no", exitCodes.denied))).toEqual({ exitCode: 4, text: "no" });
  });

  test("check-config prints the result on standard output and warnings on standard error", async () => {
    const { out, err, exitCode } = await cli(["check-config", "a.yaml", "-o", "json"]);
    expect([out, err, exitCode]).toEqual(["a.yaml json\n", "warning: careful\n", 0]);
  });
});
