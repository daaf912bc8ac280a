import { describe, expect, test } from "vitest";
import { diagnose } from "../../../src/doctor/diagnose.ts";
import { topics } from "../../../src/doctor/diagnosis.ts";
import type { HealerKind } from "../../../src/doctor/facts.ts";
import { healerAdvice } from "../../../src/doctor/other-healers.ts";
import { seen } from "../../../src/doctor/seen.ts";
import { record } from "../../support/core-builders.ts";
import {
  beat,
  broken,
  cluster,
  config,
  facts,
  forbidden,
  machine,
  masters,
  missing,
  observer,
  troubles,
} from "./fixtures.ts";

const of = (changes: Parameters<typeof cluster>[0]) => troubles(diagnose(facts({ cluster: cluster(changes) })));

test("where everything is in order each topic says so, in the listed order", () => {
  const diagnoses = diagnose(facts());
  expect(troubles(diagnoses)).toEqual([]);
  expect([...new Set(diagnoses.map((it) => it.topic))]).toEqual(topics);
});

describe("API servers", () => {
  const server = (answer: ReturnType<typeof facts>["servers"][number]["answer"], isConfigured = true) => ({
    base: "https://10.0.0.2:6443",
    isConfigured,
    answer,
  });
  const silent = (problem: string) => server({ kind: "silent", problem });

  test.each([
    ["connect ECONNREFUSED 10.0.0.2:6443", /start the API server there/],
    ["getaddrinfo ENOTFOUND api.example.org", /correct the name/],
    ["Hostname/IP does not match certificate's altnames", /name it as its certificate does/],
    ["no answer within 5 s", /take it out of kubernetes\.api-host if it is gone/],
  ])("one of two that does not answer (%s) is a warning with its own advice", (problem, advice) => {
    const [only] = troubles(diagnose(facts({ servers: [...facts().servers, silent(problem)] })));
    expect(only).toMatch(/^warning https:\/\/10\.0\.0\.2:6443 \(kubernetes\.api-host\) does not answer/);
    expect(only).toMatch(advice);
  });

  test("when none answers that is an error, and the configuration is still judged", () => {
    const alone = facts({ servers: [silent("ECONNREFUSED")], cluster: undefined, provider: { kind: "not-asked" } });
    const named = { ...config({}, { isDryRun: true }), isFile: true };
    const found = troubles(diagnose({ ...alone, config: named }));
    expect(found[0]).toMatch(/^error https:\/\/10\.0\.0\.2:6443/);
    expect(found[1]).toMatch(/^error no API server could be asked/);
    expect(found[2]).toMatch(/^warning dry-run/);
  });

  test.each([
    [401, "error", /use another kubeconfig/],
    [500, "warning", /readyz\?verbose/],
  ])("status %i is a %s", (status, level, advice) => {
    const answer = { kind: "answered", status, tookMs: 3, aheadMs: 0 } as const;
    const [only] = troubles(diagnose(facts({ servers: [...facts().servers, server(answer)] })));
    expect(only).toMatch(new RegExp(`^${level} `));
    expect(only).toMatch(advice);
  });
});

describe("version", () => {
  test.each([
    ["v1.23.9", "none", /^error .*upgrade to 1\.26/],
    ["v1.25.1", "needs-gate", /^warning .*--feature-gates=NodeOutOfServiceVolumeDetach=true/],
    ["strange", "unknown", /^warning the version "strange" is not understood/],
  ] as const)("%s: the out-of-service taint is %s", (gitVersion, outOfService, said) => {
    expect(of({ version: seen({ gitVersion, outOfService, hasAdmissionPolicies: true }) })[0]).toMatch(said);
  });

  test("1.29 has no admission policies, and that is said once", () => {
    const found = of({
      version: seen({ gitVersion: "v1.29.0", outOfService: "built-in", hasAdmissionPolicies: false }),
    });
    expect(found).toEqual([expect.stringMatching(/^warning Kubernetes v1\.29\.0 has no ValidatingAdmissionPolicies/)]);
  });
});

describe("installation", () => {
  const nothing = {
    customResources: new Map([["noderepairs.aceso.dev", missing]]),
    daemonSet: missing,
    leader: missing,
    observers: missing,
    records: missing,
    annotations: { kind: "unreadable", problem: "404" } as const,
  };

  test("before installing only what matters then is judged", () => {
    const before = { ...config(), read: missing };
    const found = troubles(
      diagnose(facts({ cluster: cluster(nothing), config: before, provider: { kind: "not-asked" } })),
    );
    expect(found).toEqual(["warning Aceso is not installed in this cluster → kubectl create -f manifests/aceso.yaml"]);
  });

  test.each([
    [{ desired: 0, ready: 0 }, /^error daemonset aceso\/aceso selects no node/],
    [{ desired: 3, ready: 0 }, /^error none of 3 replicas/],
    [{ desired: 3, ready: 2 }, /^warning 2 of 3 replicas .* kubectl -n aceso get pods/],
  ])("a DaemonSet with %j", (counts, said) => {
    expect(of({ daemonSet: seen({ serviceAccount: "aceso", ...counts }) })[0]).toMatch(said);
  });

  test("custom resources without their DaemonSet", () => {
    expect(of({ daemonSet: missing })[0]).toMatch(/^error daemonset aceso\/aceso does not exist/);
  });
});

describe("custom resources", () => {
  const good = { isEstablished: true, servedVersions: ["v1alpha1"], hasStatus: true, specFields: new Set<string>() };
  test.each([
    [missing, /is missing: .*kubectl create -f manifests\/crds/],
    [seen({ ...good, isEstablished: false }), /is not served yet/],
    [seen({ ...good, servedVersions: ["v1"] }), /does not serve v1alpha1.*\(served: v1\)/],
    [seen({ ...good, hasStatus: false }), /has no status/],
    [seen(good), /it drops request, request\.id, .* and \d more → kubectl replace -f manifests\/crds/],
  ])("case %#", (found, said) => {
    const customResources = new Map([...cluster().customResources, ["noderepairs.aceso.dev", found] as const]);
    const troubled = of({ customResources });
    expect(troubled).toEqual([expect.stringMatching(/^error (customresourcedefinition )?noderepairs\.aceso\.dev /)]);
    expect(troubled[0]).toMatch(said);
  });
});

describe("admission policies", () => {
  const admission = (key: string, value: NonNullable<ReturnType<ReturnType<typeof cluster>["admission"]["get"]>>) =>
    of({ admission: new Map([...cluster().admission, [key, value]]) });

  test.each([
    ["policy/aceso-kubelets", missing, /validatingadmissionpolicy aceso-kubelets is missing/],
    ["binding/aceso-pods", missing, /so the policy has no effect/],
    ["binding/aceso-pods", seen({ actions: ["Audit"], conditions: "" }), /does not deny.*validationActions/],
    [
      "policy/aceso-nodes",
      seen({ actions: [], conditions: "other" }),
      /does not speak of system:serviceaccount:aceso:aceso/,
    ],
  ])("%s", (key, value, said) => {
    expect(admission(key, value)).toEqual([expect.stringMatching(said)]);
    expect(admission(key, value)[0]).toMatch(/^warning /);
  });
});

describe("rights", () => {
  const answers = cluster().rights.answers;
  test("a missing one is named with what it is for and how to ask kubectl", () => {
    const without = answers.map((it) =>
      it.right.resource === "pods/eviction" ? { ...it, isAllowed: seen(false) } : it,
    );
    expect(of({ rights: { who: "sa", answers: without } })).toEqual([
      expect.stringMatching(
        /^error sa may not create pods\/eviction: needed to drain → kubectl auth can-i create pods --subresource=eviction --as=sa/,
      ),
    ]);
  });

  test("rights that may not be asked about are one warning, not thirty", () => {
    const unasked = answers.map(({ right }) => ({ right, isAllowed: forbidden }));
    expect(of({ rights: { who: "sa", answers: unasked } })).toEqual([
      expect.stringMatching(/^warning \d+ rights of sa may not be read by this user/),
    ]);
  });
});

describe("configuration", () => {
  const withConfig = (it: ReturnType<typeof config>) =>
    troubles(diagnose(facts({ config: it, provider: { kind: "not-asked" } })));
  test("a refused one is an error with its problems", () => {
    const read = { kind: "unreadable", problem: "config.yaml:3:1 silense: unknown key", isForbidden: false } as const;
    expect(withConfig({ ...config(), read })).toEqual([
      expect.stringMatching(/^error .* is refused.*silense: unknown key/),
    ]);
  });

  test("one that this user may not read, and one that is not there", () => {
    expect(withConfig({ ...config(), read: forbidden })).toEqual([expect.stringMatching(/^warning .*--config/)]);
    expect(withConfig({ ...config(), read: missing })).toEqual([
      expect.stringMatching(/^error .* does not exist: replicas do not start/),
    ]);
  });

  test("its own warnings are passed on", () => {
    expect(withConfig(config({ warnings: ["silence: too short"], provider: undefined }))).toEqual([
      expect.stringMatching(/^warning silence: too short/),
    ]);
  });
});

describe("leader and observers", () => {
  test("nobody leads, a dead leader, a pause", () => {
    expect(of({ leader: missing })[0]).toMatch(/^error nobody leads/);
    const dead = seen({ holder: "a", renewedForMs: 300_000, isAlive: false });
    expect(of({ leader: dead })[0]).toMatch(/^error a led until 5m ago and nobody took over/);
    const annotations = { kind: "read", annotations: { "aceso.dev/paused": "upgrade" } } as const;
    expect(of({ annotations })).toEqual(["warning the cluster is paused: upgrade → aceso resume"]);
  });

  test("without an election several replicas are one too many", () => {
    const unelected = config({ leaderElect: false });
    expect(troubles(diagnose(facts({ config: unelected })), "leader")).toEqual([
      expect.stringMatching(/^error leader-elect is false and there are 3 replicas/),
    ]);
    const single = cluster({ daemonSet: seen({ serviceAccount: "aceso", desired: 1, ready: 1 }) });
    expect(troubles(diagnose(facts({ config: unelected, cluster: single })), "leader")).toEqual([]);
  });

  test("no fresh report, a stale one, one that suspects itself", () => {
    const old = observer("old", "m1", 600_000);
    expect(of({ observers: seen([old]) })[0]).toMatch(/^error no replica has published a fresh report/);
    const [a, b] = [observer("a", "m2"), observer("b", "m3")];
    expect(of({ observers: seen([old, a, b]) })[0]).toMatch(/^warning 1 report too old to count: old \(10m\)/);
    expect(of({ observers: seen([a, { ...b, suspectsSelf: true }]) })[0]).toMatch(/^warning b suspects itself/);
  });

  test("a single replica is told what it cannot do", () => {
    const found = of({ observers: seen([observer("a", "m1")]) });
    expect(found).toEqual([
      expect.stringMatching(
        /^warning a single replica is fresh: no control-plane node is switched off.*nobody repairs the node that it runs on/,
      ),
    ]);
  });
});

describe("clocks", () => {
  test("of an API server and of nodes, ahead and behind, the worst first", () => {
    const answer = { kind: "answered", status: 200, tookMs: 3, aheadMs: -90_000 } as const;
    const servers = [{ base: "https://a", isConfigured: false, answer }];
    const leases = seen([beat("w1", 1_000, 8_000), beat("w2", 1_000, -3_600_000), beat("m1", 1_000, 900)]);
    const found = troubles(diagnose(facts({ servers, cluster: cluster({ leases }) })), "clocks");
    expect(found[0]).toMatch(/^warning the clock of API server https:\/\/a is 90s behind of this machine's/);
    expect(found[1]).toMatch(/^warning the clocks of 2 nodes differ .*: w2 \(60m behind\), w1 \(8s ahead\)/);
  });

  test("a Lease of which the server does not say when it was written proves nothing", () => {
    const unsaid = { ...beat("w1", 3_600_000), writtenAtWallMs: undefined };
    expect(troubles(diagnose(facts({ cluster: cluster({ leases: seen([unsaid]) }) })), "clocks")).toEqual([]);
  });
});

describe("marks", () => {
  const taints = [{ key: "node.kubernetes.io/out-of-service", value: "nodeshutdown", effect: "NoExecute" }];
  const nodes = seen([...masters, machine("w1", { taints })]);
  const records = (phase: "Held" | "Unfencing") =>
    seen(new Map([["w1", { kind: "record", record: record({ node: "w1", phase }) } as const]]));

  test("a taint on a living node is an error, unless its repair is just ending", () => {
    expect(of({ nodes })[0]).toMatch(/^error out-of-service taint on nodes whose kubelets live.*: w1/);
    expect(troubles(diagnose(facts({ cluster: cluster({ nodes, records: records("Unfencing") }) })), "marks")).toEqual(
      [],
    );
    const silent = seen([beat("w1", 120_000)]);
    expect(troubles(diagnose(facts({ cluster: cluster({ nodes, leases: silent }) })), "marks")).toEqual([]);
  });

  test("held repairs and records that cannot be read", () => {
    expect(of({ records: records("Held") })).toEqual([
      expect.stringMatching(/^warning held, waiting for a person: w1/),
    ]);
    const unreadable = { node: "w2", resourceVersion: "1", problem: "version 9", isNewer: true };
    const newer = seen(new Map([["w2", { kind: "unreadable", unreadable } as const]]));
    expect(of({ records: newer })).toEqual([
      expect.stringMatching(/^warning 1 NodeRepair cannot be understood.*w2 \(version 9\)/),
    ]);
  });
});

test.each(Object.keys(healerAdvice) as HealerKind[])("%s is found, with what to do about it", (kind) => {
  const [only, ...more] = of({ otherHealers: seen([{ kind, where: "daemonset kube-system/x" }]) });
  expect(more).toEqual([]);
  const { isRival, meaning, remedy } = healerAdvice[kind];
  expect(only).toBe(`${isRival ? "error" : "warning"} daemonset kube-system/x: ${meaning} → ${remedy}`);
});

test.each(["nodes", "leases", "records", "leader", "observers", "otherHealers", "version", "daemonSet"] as const)(
  "what cannot be read of %s is a finding of its own",
  (part) => {
    expect(of({ [part]: forbidden })[0]).toMatch(/^warning .*may not be read by this user/);
    expect(of({ [part]: broken })[0]).toMatch(/^error .*500 no leader in etcd/);
  },
);
