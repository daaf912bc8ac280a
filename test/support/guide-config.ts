import type { CloudAccount } from "./openstack-cloud.ts";

export interface GuideWords {
  readonly account: CloudAccount;
  /** Of the Magnum cluster: uuid or name. Without it the line is left out, as where there is no Magnum. */
  readonly clusterName?: string | undefined;
  /** As in the guide where nothing is said: 20m. */
  readonly checkDelayAfterAdd?: string;
  /** How long a node is not Ready until something is done, 1m where nothing is said. */
  readonly unhealthyDuration?: string;
  /** Lines of the masters' check of their API servers; none where nothing is said. */
  readonly endpointParams?: string;
  /** Lines of the login, in place of user and password. */
  readonly login?: string;
  /** More lines of the section `openstack`, indented by two. */
  readonly inSection?: string;
  /** Top-level lines that the guide does not have. */
  readonly more?: string;
}

/** Lines of a login with an application credential. */
export function credentialLogin(credential: { readonly id: string; readonly secret: string }): string {
  return `  application-credential-id: ${credential.id}\n  application-credential-secret: ${credential.secret}`;
}

/** `config.yaml` as the guide of magnum-auto-healer writes it. */
export function guideConfig(words: GuideWords): string {
  const { account, clusterName, checkDelayAfterAdd = "20m", unhealthyDuration = "1m" } = words;
  const password = `  user-id: ${account.userId}\n  password: ${account.password}`;
  const condition = `
    - type: NodeCondition
      params:
        unhealthy-duration: ${unhealthyDuration}
        types: ["Ready"]
        ok-values: ["True"]`;
  const endpoint = `
    - type: Endpoint
      params:
        unhealthy-duration: 30s
        protocol: HTTPS
        port: 6443
        endpoints: ["/healthz"]
        ok-codes: [200]${words.endpointParams ?? ""}`;
  return `${clusterName === undefined ? "" : `cluster-name: ${clusterName}\n`}dry-run: false
monitor-interval: 15s
check-delay-after-add: ${checkDelayAfterAdd}
leader-elect: true
healthcheck:
  master:${words.endpointParams === undefined ? "" : endpoint}${condition}
  worker:${condition}
openstack:
  auth-url: ${account.authUrl}
${words.login ?? password}
  project-id: ${account.projectId}
  region: ${account.region}
${words.inSection ?? ""}
${words.more ?? ""}
`;
}
