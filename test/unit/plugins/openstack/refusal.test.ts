import { expect, test } from "vitest";
import { refusal } from "../../../../plugins/providers/openstack/refusal.ts";

const answer = (status: number, body: unknown = undefined) => ({
  status,
  body,
  requestId: "req-7",
  location: undefined,
});
const policy = {
  forbidden: { code: 403, message: "Policy doesn't allow os_compute_api:servers:stop to be performed." },
};
const quota = {
  forbidden: { code: 403, message: "Quota exceeded for cores: Requested 2, but already used 10 of 10 cores" },
};
const noHost = { badRequest: { code: 400, message: "No valid host was found." } };

// biome-ignore format: a table
test.each([
  // status             read            act
  [answer(400),         "ask-operator", "give-up"],
  [answer(403, policy), "ask-operator", "ask-operator"],
  [answer(403, quota),  "ask-operator", "ask-operator"],
  [answer(400, noHost), "ask-operator", "ask-operator"],
  [answer(404),         "ask-operator", "re-read"],
  [answer(409),         "retry",        "retry"],
  [answer(413),         "retry",        "retry"],
  [answer(429),         "retry",        "retry"],
  [answer(500),         "retry",        "re-read"],
  [answer(503),         "retry",        "re-read"],
  [answer(204),         "ask-operator", "re-read"],
])("%j", (given, read, act) => {
  expect([refusal("stopping", given, "read").remedy, refusal("stopping", given, "act").remedy]).toEqual([read, act]);
});

test("a refusal names the policy, the request, and where to read on", () => {
  expect(refusal("stopping server s", answer(403, policy), "act").message).toBe(
    "openstack: stopping server s: status 403: Policy doesn't allow os_compute_api:servers:stop to be performed. (req-7)" +
      "; the user needs a role that policy os_compute_api:servers:stop allows, see the provider's README (Keystone roles)",
  );
});
