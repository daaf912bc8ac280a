import type { Diagnosis, Topic } from "../../../src/doctor/diagnosis.ts";
import { mergePatch } from "../../support/api-client.ts";
import type { Scenario } from "../../support/e2e-stage/scenario.ts";
import type { Settings } from "../../support/e2e-stage/stage.ts";
import { eventually } from "../../support/eventually.ts";
import { serviceAccount } from "../../support/rights.ts";

/** One way to break a healthy set-up, and the line of doctor that must tell of it. */
export interface Breakage {
  readonly what: string;
  /** Over the healthy configuration. */
  readonly config?: (deadPort: number) => Settings;
  breakIt?(scenario: Scenario): Promise<unknown>;
  mend?(scenario: Scenario): Promise<unknown>;
  readonly topic: Topic;
  readonly level: Exclude<Diagnosis["level"], "ok">;
  readonly says: RegExp;
  readonly advises: RegExp;
}

const clusterRole = "/apis/rbac.authorization.k8s.io/v1/clusterroles/aceso";
const crd = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/noderepairs.aceso.dev";
const bindings = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
const nodeLeases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
const daemonSets = "/apis/apps/v1/namespaces/kube-system/daemonsets";

const microTime = (wallMs: number) => `${new Date(wallMs).toISOString().slice(0, -1)}000Z`;

/** Keeps an object to put it back later. */
const kept = new Map<string, object>();
async function keep({ api }: Scenario, path: string) {
  const { metadata, ...rest } = await api.get(path);
  const { name, labels } = metadata;
  kept.set(path, { ...rest, metadata: { name, labels } });
  return { metadata, ...rest } as Record<string, never>;
}

export const breakages: readonly Breakage[] = [
  {
    what: "one of two API servers is down",
    config: (port) => ({ kubernetes: { "api-host": [`https://127.0.0.1:${port}`] } }),
    topic: "api-servers",
    level: "warning",
    says: /https:\/\/127\.0\.0\.1:\d+ \(kubernetes\.api-host\) does not answer: .*ECONNREFUSED/,
    advises: /start the API server there, or correct address and port/,
  },
  {
    what: "a right is missing",
    async breakIt(scenario) {
      const { rules } = (await keep(scenario, clusterRole)) as unknown as { rules: { resources: string[] }[] };
      const fewer = rules.filter((it) => !it.resources.includes("pods/eviction"));
      await scenario.api.patch(clusterRole, { rules: fewer });
      await eventually("the right is gone", () => isEvictionForbidden(scenario));
    },
    mend: ({ api }) => api.patch(clusterRole, { rules: (kept.get(clusterRole) as { rules: object }).rules }),
    topic: "rights",
    level: "error",
    says: /system:serviceaccount:aceso:aceso may not create pods\/eviction: needed to drain/,
    advises: /kubectl auth can-i create pods --subresource=eviction --as=system:serviceaccount:aceso:aceso/,
  },
  {
    what: "the custom resource is of an older version",
    async breakIt(scenario) {
      const object = (await keep(scenario, crd)) as unknown as { spec: { versions: [{ schema: object }] } };
      const text = JSON.stringify(object.spec.versions).replace('"paused":{', '"suspended":{');
      await scenario.api.patch(crd, { spec: { versions: JSON.parse(text) } });
    },
    mend: ({ api }) =>
      api.patch(crd, { spec: { versions: (kept.get(crd) as { spec: { versions: object } }).spec.versions } }),
    topic: "custom-resources",
    level: "error",
    says: /noderepairs\.aceso\.dev is of another version: it drops paused/,
    advises: /kubectl replace -f manifests\/crds/,
  },
  {
    what: "the binding of an admission policy is missing",
    async breakIt(scenario) {
      await keep(scenario, `${bindings}/aceso-nodes`);
      await scenario.api.must("DELETE", `${bindings}/aceso-nodes`);
    },
    mend: ({ api }) => api.must("POST", bindings, kept.get(`${bindings}/aceso-nodes`)),
    topic: "admission-policies",
    level: "warning",
    says: /validatingadmissionpolicybinding aceso-nodes is missing, so the policy has no effect/,
    advises: /kubectl create -f manifests\/aceso\.yaml/,
  },
  {
    what: "the clock of a node is wrong",
    breakIt: async ({ api }) => {
      const metadata = { name: "late", namespace: "kube-node-lease" };
      const renewTime = microTime(Date.now() - 90_000);
      await api.must("POST", nodeLeases, { metadata, spec: { holderIdentity: "late", renewTime } });
    },
    mend: ({ api }) => api.must("DELETE", `${nodeLeases}/late`),
    topic: "clocks",
    level: "warning",
    says: /the clocks of 1 node differ from the API server's: late \((89|9\d)s behind\)/,
    advises: /have its clock set by NTP/,
  },
  {
    what: "the provider does not take the credentials",
    breakIt: async ({ owner }) => {
      owner.misbehave(() => ({ error: { remedy: "ask-operator", message: "401: wrong user name or password" } }));
    },
    mend: async ({ owner }) => owner.misbehave(() => undefined),
    topic: "provider",
    level: "error",
    says: /provider exec did not answer 4 of 4 questions: .*401: wrong user name or password/,
    advises: /see that its credentials are right/,
  },
  {
    what: "two nodes are one machine",
    async breakIt({ api, node }) {
      const { spec } = await node("w1");
      await api.must("POST", "/api/v1/nodes", { metadata: { name: "twin" }, spec: { providerID: spec.providerID } });
    },
    mend: ({ api }) => api.must("DELETE", "/api/v1/nodes/twin"),
    topic: "machines",
    level: "error",
    says: /(twin, w1|w1, twin) are one machine to provider exec/,
    advises: /kubectl annotate node NODE aceso\.dev\/machine=MACHINE/,
  },
  {
    what: "a node has no machine",
    breakIt: ({ api }) =>
      api.must("POST", "/api/v1/nodes", { metadata: { name: "lost" }, spec: { providerID: "hollow://nowhere" } }),
    mend: ({ api }) => api.must("DELETE", "/api/v1/nodes/lost"),
    topic: "machines",
    level: "error",
    says: /provider exec knows no machine for 1 node, which are never repaired: lost/,
    advises: /kubectl annotate node NODE aceso\.dev\/machine=MACHINE/,
  },
  {
    what: "the receiver of notifications is not there",
    config: (port) => ({ notifications: { url: `https://127.0.0.1:${port}/hook`, "secret-file": "/etc/hostname" } }),
    topic: "notifications",
    level: "error",
    says: /^https:\/\/127\.0\.0\.1:\d+ takes no connection: .*ECONNREFUSED/,
    advises: /start the receiver, or correct address and port in notifications\.url/,
  },
  {
    what: "the secret of notifications is empty",
    config: () => ({ notifications: { url: "http://127.0.0.1:1/hook", "secret-file": "/dev/null" } }),
    topic: "notifications",
    level: "error",
    says: /^notifications\.secret-file: \/dev\/null: it holds no secret: nothing can be signed/,
    advises: /put the secret there, as a key of the Secret/,
  },
  {
    what: "another healer runs",
    breakIt: ({ api }) => api.must("POST", daemonSets, otherHealer()),
    mend: ({ api }) => api.must("DELETE", `${daemonSets}/magnum-auto-healer`),
    topic: "other-healers",
    level: "error",
    says: /daemonset kube-system\/magnum-auto-healer: magnum-auto-healer reboots and replaces the same nodes/,
    advises: /kubectl -n kube-system delete daemonset magnum-auto-healer/,
  },
  {
    what: "the selector selects no node",
    config: () => ({ "node-selector": { pool: "healed" } }),
    topic: "guards",
    level: "error",
    says: /node-selector pool=healed selects none of 4 nodes: nothing is ever repaired/,
    advises: /kubectl label node NODE pool=healed/,
  },
  {
    what: "the ladder asks for more than the provider can do",
    config: () => ({ ladder: { worker: ["power-cycle", "rebuild"] } }),
    topic: "configuration",
    level: "error",
    says: /ladder\.worker: rebuild needs rebuild, which provider exec cannot do/,
    advises: /aceso check-config FILE/,
  },
  {
    what: "a living node carries a forgotten out-of-service taint",
    breakIt: ({ api }) => api.patch("/api/v1/nodes/w1", { spec: { taints: [forgottenTaint] } }),
    mend: ({ api }) => api.patch("/api/v1/nodes/w1", { spec: { taints: null } }, { contentType: mergePatch }),
    topic: "marks",
    level: "error",
    says: /out-of-service taint on nodes whose kubelets live, and no repair is under way: w1/,
    advises: /kubectl taint node NODE node\.kubernetes\.io\/out-of-service-/,
  },
];

/** Whether the API server's authorizer, which follows what is stored, forbids Aceso to evict pods. */
async function isEvictionForbidden({ api }: Scenario): Promise<boolean> {
  const resourceAttributes = { verb: "create", resource: "pods", subresource: "eviction", namespace: "default" };
  const review = { spec: { user: serviceAccount, groups: ["system:serviceaccounts"], resourceAttributes } };
  const { status } = await api.must("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review);
  return status.allowed !== true;
}

const forgottenTaint = { key: "node.kubernetes.io/out-of-service", value: "nodeshutdown", effect: "NoExecute" };

function otherHealer(): object {
  const labels = { "k8s-app": "magnum-auto-healer" };
  const containers = [{ name: "healer", image: "registry.example.org/magnum-auto-healer:v1.30.0" }];
  return {
    metadata: { name: "magnum-auto-healer", labels },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}
