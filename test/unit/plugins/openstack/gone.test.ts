import { expect, test } from "vitest";
import { powerAfter } from "../../../../plugins/providers/openstack/gone.ts";
import { failureIn } from "../../../../plugins/providers/openstack/past-act.ts";

const deletion = { requestId: "req-1", action: "delete", message: undefined };
const end = (result: string | undefined) => [{ event: "compute_terminate_instance", result }];

test.each([
  ["off", "the host has destroyed the guest", end("Success")],
  ["changing", "the host is at it", end(undefined)],
  ["unknown", "the host could not", end("Error")],
  ["unknown", "no host was asked: Nova deletes the record alone while the host is away", []],
])("a server that was deleted is %s when %s", (power, _about, events) => {
  const answer = powerAfter({ ...deletion, events });
  expect(answer).toMatchObject({ power, text: expect.stringMatching(/^gone.*req-1/) });
});

test("a request has failed when Nova or a compute host says Error, and only then", () => {
  const stop = { requestId: "req-2", action: "stop", message: undefined };
  const event = (result: string | undefined) => [{ event: "compute_stop_instance", result }];
  expect(failureIn({ ...stop, events: event("Success") })).toBeUndefined();
  expect(failureIn({ ...stop, events: event(undefined) })).toBeUndefined();
  expect(failureIn({ ...stop, events: [] })).toBeUndefined();
  expect(failureIn({ ...stop, message: "Error", events: [] })).toBe("Nova's stop failed (Error, req-2)");
  expect(failureIn({ ...stop, events: event("Error") })).toBe(
    "Nova's stop failed (Error, compute_stop_instance, req-2)",
  );
});
