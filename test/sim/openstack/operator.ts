import type { CloudAccount, CloudServer } from "../../support/openstack-cloud.ts";
import { type Server, statusOf } from "./compute/server.ts";
import { domain, type Project, type User } from "./identity/accounts.ts";

/** A server as a test sees it. */
export function toCloudServer(server: Server): CloudServer {
  const { id, name, powerState, taskState, fault, ip, boots } = server;
  return { id, name, status: statusOf(server), powerState, taskState, fault: fault?.message, ip, boots };
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
