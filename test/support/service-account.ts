import type { ApiClient } from "./api-client.ts";
import { type ApiAccess, writeKubeconfig } from "./kubeconfig.ts";

export interface AccountName {
  readonly namespace: string;
  readonly name: string;
}

/** The user name under which a service account acts. */
export function userOf(account: AccountName): string {
  return `system:serviceaccount:${account.namespace}:${account.name}`;
}

/** Asks for a token of a service account (TokenRequest). */
export async function requestToken(api: ApiClient, account: AccountName, seconds = 3_600): Promise<string> {
  const path = `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`;
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: seconds } };
  const { status } = await api.must("POST", path, body);
  return status.token;
}

/** What to call the API as, with a service account's token and nothing of the cluster admin. */
export async function accessOfAccount(
  admin: ApiAccess,
  api: ApiClient,
  account: AccountName,
  server = admin.servers[0] ?? "",
): Promise<ApiAccess> {
  const token = await requestToken(api, account);
  return { servers: [server], token, ...(admin.ca === undefined ? {} : { ca: admin.ca }) };
}

/** Writes a kubeconfig with a service account's token. @returns the file */
export async function writeAccountKubeconfig(
  file: string,
  admin: ApiAccess,
  api: ApiClient,
  account: AccountName,
  server?: string,
): Promise<string> {
  return writeKubeconfig(file, await accessOfAccount(admin, api, account, server), account.name);
}
