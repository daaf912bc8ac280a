// `npm run openstack`: real OpenStack services on loopback for a person, until Ctrl-C.
import { writeFile } from "node:fs/promises";
import { messageOf } from "../../../src/core/errors.ts";
import type { CloudAccount } from "../../support/openstack-cloud.ts";
import { startOpenStack } from "./cloud/real-cloud.ts";
import { file, password, region, urlOf } from "./services/layout.ts";
import type { Services } from "./services/start.ts";

const stopped = new Promise<void>((resolve) => {
  // more than once: a terminal and npm may both send it
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => resolve());
});

try {
  await main();
} catch (error) {
  process.stderr.write(`openstack: ${messageOf(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const cloud = await startOpenStack({ volumes: true });
  try {
    process.stdout.write(await introduce(cloud.services, cloud.account));
    await stopped;
  } finally {
    process.stderr.write("stopping\n");
    await cloud[Symbol.asyncDispose]();
  }
}

async function introduce({ address }: Services, account: CloudAccount): Promise<string> {
  const { layout, ids } = address;
  const healer = file(layout, "healer.env");
  const admin = file(layout, "admin.env");
  const running = file(layout, "services.json");
  const { authUrl, userName, projectName } = account;
  await writeFile(healer, environment({ authUrl, userName, projectName, region: account.region }));
  const direct = urlOf(layout, "keystone");
  await writeFile(admin, environment({ authUrl: direct, userName: "admin", projectName: "admin", region }));
  await writeFile(running, JSON.stringify(address, undefined, 2));
  return `OpenStack runs. Ctrl-C ends it, and nothing of it is kept.

  auth url  ${authUrl}
  region    ${account.region}
  user      ${userName} (${account.userId}), domain Default
  password  ${password}
  project   ${projectName} (${account.projectId})

  image     ${ids.image}    flavor  ${ids.flavor}
  network   ${ids.network}    cluster template  ${ids.clusterTemplate}

  . ${healer}      (or ${admin})
  openstack server list
  openstack coe cluster create k8s --cluster-template kubernetes --master-count 1 --node-count 2

Logs: ${file(layout, "log")}
Tests can share these services: ACESO_OPENSTACK=${running} npm run e2e -- test/e2e/openstack
`;
}

type Login = Pick<CloudAccount, "authUrl" | "userName" | "projectName" | "region">;

function environment({ authUrl, userName, projectName, region: where }: Login): string {
  const values = {
    OS_AUTH_URL: authUrl,
    OS_REGION_NAME: where,
    OS_USERNAME: userName,
    OS_PASSWORD: password,
    OS_PROJECT_NAME: projectName,
    OS_USER_DOMAIN_NAME: "Default",
    OS_PROJECT_DOMAIN_NAME: "Default",
    OS_IDENTITY_API_VERSION: "3",
  };
  return Object.entries(values)
    .map(([name, value]) => `export ${name}=${value}\n`)
    .join("");
}
