import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { rootKeys, sections } from "../../../src/config/schema.ts";
import { showConfig } from "../../../src/config/show.ts";
import { rungs } from "../../../src/core/model.ts";
import { formatDuration } from "../../../src/util/duration.ts";
import { loadText, problemsOf } from "../../support/config-loading.ts";

const duration = fc.integer({ min: 1, max: 10_000_000 }).map(formatDuration);
const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const count = fc.integer({ min: 1, max: 1_000 });
const url = word.map((host) => `https://${host}:6443`);
const labels = fc.dictionary(
  fc.tuple(word, word).map(([a, b]) => `${a}.example.com/${b}`),
  word,
  { maxKeys: 3 },
);

/** A valid value for a key of each format. */
const valueFor = (format: string | readonly string[]): fc.Arbitrary<unknown> => {
  if (typeof format !== "string") return fc.constantFrom(...format);
  const values: Record<string, fc.Arbitrary<unknown>> = {
    duration: fc.oneof(duration, fc.constant("0")),
    period: duration,
    flag: fc.boolean(),
    count,
    labels,
    string: fc.oneof(word, fc.constant("")),
    limit: fc.oneof(
      count,
      fc.integer({ min: 0, max: 100 }).map((n) => `${n}%`),
    ),
    address: fc.oneof(
      fc.constant("off"),
      fc.constant("[::1]:0"),
      fc.tuple(word, fc.nat(65_535)).map(([h, p]) => `${h}:${p}`),
    ),
    hosts: fc.oneof(url, fc.array(url, { maxLength: 3 })),
    strings: fc.array(word, { maxLength: 3 }),
    rungs: fc.shuffledSubarray(["soft-reboot", "hard-reboot", "power-cycle"], { minLength: 1 }),
  };
  return values[format] ?? fc.constant(`no value for ${format}`);
};

/** Any choice of keys, each with a valid value. */
const someOf = (schema: Readonly<Record<string, { readonly format: string | readonly string[] }>>) =>
  fc.record(Object.fromEntries(Object.entries(schema).map(([key, { format }]) => [key, valueFor(format)])), {
    requiredKeys: [],
  });

const { "cloud-provider": _cloudProvider, ...freeRootKeys } = rootKeys;
// Sections whose keys are bound to each other by rules have their own ranges here.
const electionTimes = fc
  .tuple(fc.integer({ min: 12, max: 600 }), fc.integer({ min: 2, max: 11 }), fc.constant(1))
  .map(([lease, renew, retry]) => ({
    "lease-duration": `${lease}s`,
    "renew-deadline": `${renew}s`,
    "retry-period": `${retry}s`,
  }));
const fencing = fc
  .tuple(someOf(sections.fencing), fc.integer({ min: 2_000, max: 9_999 }))
  .map(([chosen, interval]) => ({
    ...chosen,
    "off-read-interval": formatDuration(interval),
  }));
const { "certificate-file": _certificate, "key-file": _key, ...freeHttpKeys } = sections.http;
const http = fc
  .tuple(someOf(freeHttpKeys), fc.constantFrom({}, { "certificate-file": "/tls/tls.crt", "key-file": "/tls/tls.key" }))
  .map(([chosen, files]) => ({ ...chosen, ...files }));
const checkItem = fc.record(
  {
    type: fc.constantFrom("NodeLease", "NodeCondition"),
    params: fc.record({ "unhealthy-duration": duration, interval: duration, timeout: duration }, { requiredKeys: [] }),
  },
  { requiredKeys: ["type"] },
);
const anyFile = fc
  .tuple(
    someOf(freeRootKeys),
    fc.record(
      {
        kubernetes: someOf(sections.kubernetes),
        attempts: someOf(sections.attempts),
        ladder: someOf(sections.ladder),
        "control-plane": someOf(sections["control-plane"]),
        fencing,
        "leader-election": electionTimes,
        http,
        healthcheck: fc.record(
          { master: fc.array(checkItem, { maxLength: 3 }), worker: fc.array(checkItem, { maxLength: 3 }) },
          { requiredKeys: [] },
        ),
        libvirt: fc.record({
          uris: fc.uniqueArray(
            fc.webUrl().map((url) => `qemu+tcp://${new URL(url).hostname}/system`),
            {
              minLength: 1,
              maxLength: 2,
            },
          ),
        }),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([root, inner]) => ({ ...root, ...inner }));

describe("any combination of valid keys", () => {
  test("loads, and what check-config prints of it loads again to the same", () => {
    fc.assert(
      fc.property(anyFile, fc.boolean(), (file, isFlow) => {
        const config = loadText(stringify(file, { collectionStyle: isFlow ? "flow" : "any", version: "1.2" }));
        const again = loadText(showConfig(config, "yaml"));
        expect(again.effective).toEqual(config.effective);
        const { warnings: _a, ...meaning } = config;
        const { warnings: _b, ...meaningAgain } = again;
        expect(meaningAgain).toEqual(meaning);
      }),
      { numRuns: 100 },
    );
  });

  test("with one unknown key is refused with exactly that key and its line", () => {
    const unknown = word.map((key) => `zz${key}`);
    fc.assert(
      fc.property(anyFile, unknown, fc.nat(), (file, key, seed) => {
        const entries = Object.entries(file);
        const at = seed % (entries.length + 1);
        const blocks = entries.map(([name, value]) => stringify({ [name]: value }));
        blocks.splice(at, 0, `${key}: 1\n`);
        const line = blocks.slice(0, at).join("").split("\n").length;
        const lines = problemsOf(blocks.join(""));
        expect(lines).toHaveLength(1);
        expect(lines[0]).toMatch(new RegExp(`^config\\.yaml:${line}:1 ${key}: unknown key`));
      }),
      { numRuns: 100 },
    );
  });

  test("with one unknown key in a section is refused with that key's path", () => {
    const section = fc.constantFrom(
      "kubernetes",
      "attempts",
      "ladder",
      "control-plane",
      "fencing",
      "http",
      "libvirt",
      "healthcheck",
    );
    fc.assert(
      fc.property(
        anyFile,
        section,
        word.map((key) => `zz${key}`),
        (file, name, key) => {
          const text = stringify({ ...file, [name]: { ...(file as Record<string, object>)[name], [key]: "x" } });
          const line = text.split("\n").findIndex((each) => each.trim() === `${key}: x`) + 1;
          const lines = problemsOf(text);
          expect(lines).toHaveLength(1);
          expect(lines[0]).toMatch(new RegExp(`^config\\.yaml:${line}:3 ${name}\\.${key}: unknown key`));
        },
      ),
      { numRuns: 100 },
    );
  });
});

test("no text makes loading fail in another way than by a ConfigError", () => {
  const keys = [
    ...Object.keys(rootKeys),
    ...Object.keys(sections),
    "healthcheck",
    "plugins",
    "openstack",
    "sleep",
    "kickout",
    "type",
    "params",
    ...rungs,
  ];
  const scrap = fc.constantFrom(
    ...keys,
    ": ",
    "\n",
    "  ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a",
    "!x ",
    "|\n",
    "'",
    '"',
    "30s",
    "1",
    "true",
    "null",
    "~",
    "<<",
    "? ",
    ",",
    "---\n",
  );
  const texts = fc.oneof(
    fc.string(),
    fc.array(scrap, { maxLength: 40 }).map((scraps) => scraps.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => void problemsOf(text)),
    { numRuns: 300 },
  );
});
