import { randomUUID } from "node:crypto";
import { type ApiAnswer, type ApiClient, type ApiObject, mergePatch } from "../../support/api-client.ts";

/** A server under test. */
export interface ContractServer {
  /** As cluster-admin. */
  readonly api: ApiClient;
  /** Makes the server forget the changes that watches begin from; tests that need it are left out where it is absent. */
  readonly compact?: () => Promise<void>;
  close(): Promise<void>;
}

const nodes = "/api/v1/nodes";
const repairs = "/apis/aceso.dev/v1alpha1/noderepairs";
const leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";

/** What the tests of the contract make and call; objects have names of their own and are removed at the end. */
export interface ContractKit {
  server(): ContractServer;
  fresh(what: string): string;
  create(path: string, body: ApiObject): Promise<ApiObject>;
  newNode(): Promise<ApiObject>;
  newLease(spec?: ApiObject): Promise<ApiObject>;
  newRepair(body?: ApiObject): Promise<ApiObject>;
  call(method: string, path: string, body?: unknown, contentType?: string): Promise<ApiAnswer>;
  patch(path: string, body: unknown, contentType?: string): Promise<ApiAnswer>;
  removeAll(): Promise<void>;
}

/** @param server known once the suite has connected */
export function contractKit(server: () => ContractServer): ContractKit {
  const made: string[] = [];
  const fresh = (what: string) => `contract-${what}-${randomUUID().slice(0, 8)}`;
  const create = async (path: string, body: ApiObject): Promise<ApiObject> => {
    const object = await server().api.must("POST", path, body);
    made.push(`${path}/${object.metadata.name}`);
    return object;
  };
  const call = (method: string, path: string, body?: unknown, contentType?: string) =>
    server().api.call(method, path, body, contentType === undefined ? {} : { contentType });
  return {
    server,
    fresh,
    create,
    call,
    newNode: () => create(nodes, { metadata: { name: fresh("node") }, spec: { unschedulable: true } }),
    newLease: (spec = {}) => create(leases, { metadata: { name: fresh("lease") }, spec }),
    newRepair: (body = {}) =>
      create(repairs, {
        apiVersion: "aceso.dev/v1alpha1",
        kind: "NodeRepair",
        metadata: { name: fresh("repair") },
        ...body,
      }),
    patch: (path, body, contentType = mergePatch) => call("PATCH", path, body, contentType),
    async removeAll() {
      for (const path of made) await server().api.call("DELETE", path, { gracePeriodSeconds: 0 });
    },
  };
}
