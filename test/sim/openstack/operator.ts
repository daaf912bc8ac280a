import type { CloudAccount, CloudCluster, CloudServer } from "../../support/openstack-cloud.ts";
import { type Server, statusOf } from "./compute/server.ts";
import { type Cluster, groupsOf, type NodeGroup } from "./containers/cluster.ts";
import { domain, type Project, type User } from "./identity/accounts.ts";

/** A server as a test sees it. */
export function toCloudServer(server: Server): CloudServer {
  const { id, name, powerState, taskState, ip, boots } = server;
  const status = statusOf(server);
  const fault = status === "ERROR" || status === "DELETED" ? server.fault?.message : undefined;
  return { id, name, status, powerState, taskState, fault, ip, boots };
}

/** A cluster as a test sees it: masters and workers in the order of their index. */
export function toCloudCluster(cluster: Cluster): CloudCluster {
  const { uuid, name, stack, status, healthStatus, healthReason } = cluster;
  const serversIn = (role: NodeGroup["role"]) =>
    groupsOf(cluster, role)
      .flatMap(({ group }) => [...group.members].sort((a, b) => a.index - b.index))
      .flatMap(({ server }) => (server === undefined ? [] : [toCloudServer(server)]));
  const nodes = { masters: serversIn("master"), workers: serversIn("worker") };
  return { uuid, name, stackId: stack.id, status, healthStatus, healthReason, ...nodes };
}

/** What somebody needs in order to log in. */
export function toAccount(user: User, project: Project, authUrl: string, region: string): CloudAccount {
  return {
    authUrl,
    region,
    userId: user.id,
    userName: user.name,
    userDomainName: domain.name,
    password: user.password,
    projectId: project.id,
    projectName: project.name,
  };
}
