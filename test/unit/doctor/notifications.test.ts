import { describe, expect, test } from "vitest";
import { diagnose } from "../../../src/doctor/diagnose.ts";
import type { ReceiverPart } from "../../../src/doctor/facts.ts";
import { config, facts, missing, troubles } from "./fixtures.ts";

describe("notifications", () => {
  const origin = "https://receiver.example";
  const trouble = (part: ReceiverPart, problem: string, isFile = true) =>
    troubles(
      diagnose(facts({ config: { ...config(), isFile }, receiver: { origin, problems: [{ part, problem }] } })),
      "notifications",
    );

  test.each<[ReceiverPart, string, RegExp]>([
    ["secret-file", "/s: it holds no secret", /^error notifications\.secret-file: .*nothing is sent → put the secret/],
    [
      "ca-file",
      "/c: it holds no certificate in PEM",
      /^error notifications\.ca-file: .*→ put the certificates \(PEM\)/,
    ],
    ["connection", "connect ECONNREFUSED 10.0.0.9:443", /takes no connection: .*→ start the receiver/],
    ["connection", "getaddrinfo ENOTFOUND receiver.example", /→ correct the name in notifications\.url/],
    [
      "connection",
      "self-signed certificate in certificate chain",
      /→ name it as its certificate does, and its authority/,
    ],
    ["connection", "write EPROTO 00:SSL routines:wrong version number", /→ see whether TLS is spoken at that port/],
    ["connection", "no answer within 10 s", /→ see whether the receiver is up, and what is on the way/],
  ])("%s: %s", (part, problem, said) => {
    expect(trouble(part, problem)).toEqual([expect.stringMatching(said)]);
  });

  test("of a ConfigMap are tried from another place than the pods, and that is said", () => {
    expect(trouble("secret-file", "ENOENT", false)).toEqual([
      expect.stringMatching(/^warning from this machine: .*asked from a pod: kubectl -n aceso exec daemonset\/aceso/),
    ]);
  });

  test("that are not configured are no trouble, and of a configuration that cannot be read nothing is said", () => {
    const said = (changes: Parameters<typeof facts>[0]) =>
      diagnose(facts({ ...changes, receiver: undefined })).filter((it) => it.topic === "notifications");
    expect(said({})).toEqual([expect.objectContaining({ level: "ok" })]);
    expect(said({ config: { ...config(), read: missing } })).toEqual([]);
  });
});
