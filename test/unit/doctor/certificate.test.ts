import { describe, expect, test } from "vitest";
import { diagnose } from "../../../src/doctor/diagnose.ts";
import { config, facts, missing, serverNow, troubles } from "./fixtures.ts";

describe("the status page's certificate", () => {
  const dayMs = 86_400_000;
  const { wallMs: readAtWallMs } = serverNow;
  const of = (fromDays: number, untilDays: number, isFile = true) => {
    const validity = { fromWallMs: readAtWallMs + fromDays * dayMs, untilWallMs: readAtWallMs + untilDays * dayMs };
    const certificate = { kind: "pair", names: "DNS:aceso.example", validity, readAtWallMs } as const;
    return troubles(diagnose(facts({ config: { ...config(), isFile }, certificate })), "certificate");
  };

  test("is well while it holds for two weeks more", () => {
    expect(of(-1, 14)).toEqual([]);
    expect(of(-1, 13.9)).toEqual([expect.stringMatching(/^warning .*\(DNS:aceso\.example\) ends on .*→ renew it/)]);
    expect(of(-1, -0.1)).toEqual([expect.stringMatching(/^error .* ended on .*: browsers and Prometheus refuse it/)]);
    expect(of(0.1, 90)).toEqual([expect.stringMatching(/^error .* holds from .* only.*→ see whether the clock/)]);
  });

  test("that is no pair with its key is an error, and with a ConfigMap a warning: the pods have other files", () => {
    const certificate = { kind: "failed", problem: "reading /tls/tls.crt: ENOENT" } as const;
    const said = (isFile: boolean) =>
      troubles(diagnose(facts({ config: { ...config(), isFile }, certificate })), "certificate");
    expect(said(true)).toEqual([expect.stringMatching(/^error reading \/tls\/tls\.crt: ENOENT: .*→ put certificate/)]);
    expect(said(false)).toEqual([expect.stringMatching(/^warning from this machine: .*asked from a pod: kubectl/)]);
  });

  test("is not asked for where there is none, nor where the configuration cannot be read", () => {
    const said = (changes: Parameters<typeof facts>[0]) =>
      diagnose(facts({ ...changes, certificate: undefined })).filter((it) => it.topic === "certificate");
    expect(said({})).toEqual([expect.objectContaining({ level: "ok" })]);
    expect(said({ config: { ...config(), read: missing } })).toEqual([]);
  });
});
