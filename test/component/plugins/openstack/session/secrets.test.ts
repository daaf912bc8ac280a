import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import type { OpenStackCall } from "../../../../../plugins/shared/openstack/call.ts";
import { systemClock } from "../../../../../src/app/clock.ts";
import { findFreePort } from "../../../../support/free-port.ts";
import { type Reply, sessionWith, startStubCloud } from "./stub-cloud.ts";

const secret = "hunter22-the-secret";
const never = new AbortController().signal;
const list: OpenStackCall = { service: "compute", method: "GET", path: "/servers", signal: never };
const stop: OpenStackCall = { ...list, method: "POST", path: "/servers/S/action", body: { "os-stop": null } };

/** A service that says back what it was told. */
const echoing =
  (status: number): Reply =>
  ({ headers, body }) => ({ status, body: { error: { message: `bad: ${headers["x-auth-token"]} ${body}` } } });

test("no password, secret or token is in what is thrown or logged, whatever goes wrong", async () => {
  const folder = await mkdtemp(join(tmpdir(), "aceso-openstack-secrets-"));
  const secretFile = join(folder, "secret");
  await writeFile(secretFile, `${secret}\n`);
  const credential = { "application-credential-id": "A", "application-credential-secret-file": secretFile };
  const nobody = `http://127.0.0.1:${await findFreePort()}`;
  const thrown: unknown[] = [];
  const logged: unknown[] = [];
  for (const section of [{}, credential, { "trust-id": "R", "trustee-password": secret }, { "auth-url": nobody }]) {
    for (const call of [list, stop]) {
      for (const login of [undefined, echoing(401), echoing(403), echoing(404), echoing(500), "reset"] as const) {
        for (const reply of ["reset", "cut", "silent", echoing(401), echoing(406)] as const) {
          await using cloud = await startStubCloud();
          await using session = sessionWith(cloud, section);
          if (login !== undefined) for (let logins = 0; logins < 5; logins += 1) cloud.loginReplies.push(login);
          for (let calls = 0; calls < 5; calls += 1) cloud.replies.push(reply);
          using deadline = systemClock.deadline(reply === "silent" ? 50 : 5_000);
          await session.call({ ...call, signal: deadline.signal }).catch((error: unknown) => thrown.push(error));
          logged.push(...session.lines);
        }
      }
    }
  }
  await rm(folder, { recursive: true });
  expect(thrown).toHaveLength(4 * 2 * 6 * 5);
  expect(logged.length).toBeGreaterThan(thrown.length);
  const everything = inspect([thrown, logged], {
    depth: 20,
    showHidden: true,
    maxArrayLength: null,
    maxStringLength: null,
  });
  expect(everything.match(/hunter22|gAAAA/g)).toBeNull();
});
