import { describe, expect, test } from "vitest";
import { loadText, problemsOf } from "../../support/config-loading.ts";

const base = "cloud-provider: none\n";

describe("notifications", () => {
  test("are off where nothing is said", () => {
    expect(loadText(base).notifications).toBeUndefined();
  });

  test("take the cluster's name from cluster-name where they have none of their own", () => {
    const section = "notifications: {url: 'https://r.example/a', secret-file: /s}\n";
    expect(loadText(`${base}cluster-name: k8s\n${section}`).notifications).toEqual({
      url: "https://r.example/a",
      secretFile: "/s",
      caFile: undefined,
      timeoutMs: 10_000,
      isWarningsOnly: false,
      cluster: "k8s",
    });
  });

  test("need a secret: they are signed", () => {
    expect(problemsOf(`${base}notifications: {url: 'https://r.example/a'}\n`)).toEqual([
      expect.stringContaining("2:17 notifications.url: needs secret-file: notifications are signed"),
    ]);
  });

  test("over plain http are warned of, but not to the machine itself", () => {
    const warnings = (url: string) =>
      loadText(`${base}notifications: {url: '${url}', secret-file: /s}\n`).warnings.filter((it) =>
        it.includes("notifications"),
      );
    expect(warnings("http://r.example/a")).toEqual([expect.stringContaining("anybody on the way can read")]);
    expect(["http://127.0.0.1:9/a", "http://localhost/a", "https://r.example/a"].flatMap(warnings)).toEqual([]);
  });
});
