import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../src/app/clock.ts";
import { FreshKeyPair } from "../../../src/http/fresh-key-pair.ts";
import { CertificateError, type KeyPair, readKeyPair } from "../../../src/http/key-pair.ts";
import { makeAuthority } from "../../support/certificates.ts";
import { mountKeyPair } from "../../support/key-pair-files.ts";
import { recordingLog } from "../../support/recording-log.ts";

const authority = makeAuthority("authority");
const subject = { commonName: "aceso", altNames: ["aceso.example", "127.0.0.1"] };
const first = authority.issue(subject);
const second = authority.issue(subject);
const never = new AbortController().signal;
const locked = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" },
}).privateKey;

describe("a key pair", () => {
  test("is read with its names and its time", async () => {
    await using mounted = await mountKeyPair(first);
    const { names, validity, ...pair } = await readKeyPair(mounted.files, never);
    expect(pair).toEqual(first);
    expect(names).toBe("DNS:aceso.example, IP Address:127.0.0.1");
    const days = (validity.untilWallMs - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(364);
    expect(days).toBeLessThan(366);
  });

  test.each([
    ["another certificate's key", { cert: first.cert, key: second.key }, /key-file \S+ does not fit \S+ \S+tls\.crt/],
    ["no certificate", { cert: "none", key: first.key }, /certificate-file \S+ holds no certificate in PEM/],
    ["the key in the certificate's place", { cert: first.key, key: first.key }, /holds no certificate in PEM/],
    [
      "no key",
      { cert: first.cert, key: first.cert },
      /key-file \S+ holds no private key in PEM that needs no passphrase/,
    ],
    ["an empty key", { cert: first.cert, key: "" }, /holds no private key in PEM/],
    ["a key with a passphrase", { cert: first.cert, key: locked }, /that needs no passphrase/],
    [
      "a chain that is broken off",
      { cert: `${first.cert}${second.cert.slice(0, 300)}\n`, key: first.key },
      /is refused/,
    ],
  ])("is none with %s", async (_, pair, message) => {
    await using mounted = await mountKeyPair(pair);
    const reading = readKeyPair(mounted.files, never);
    await expect(reading).rejects.toBeInstanceOf(CertificateError);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.not.toThrow(/BEGIN|PRIVATE KEY/);
  });

  test("is none where a file is missing, which is named", async () => {
    await using mounted = await mountKeyPair();
    await expect(readKeyPair(mounted.files, never)).rejects.toThrow(/reading \S+tls\.(crt|key): ENOENT/);
  });
});

describe("what is kept fresh", () => {
  /** Looks when it is told to. */
  async function watched(pair?: typeof first) {
    const mounted = await mountKeyPair(pair);
    const log = recordingLog();
    const used: KeyPair[] = [];
    const fresh = new FreshKeyPair({
      files: mounted.files,
      clock: systemClock,
      log,
      use: (it) => {
        used.push(it);
      },
    });
    const words = () => log.lines.map(({ level, message }) => `${level} ${message}`);
    return { mounted, used, words, look: () => fresh.look(never), [Symbol.asyncDispose]: mounted[Symbol.asyncDispose] };
  }
  const news = "info the status page has a new certificate";

  test("is handed over once, and again when it changes", async () => {
    await using it = await watched(first);
    await it.look();
    await it.look();
    expect(it.used.map(({ cert }) => cert)).toEqual([first.cert]);
    await it.mounted.put(second);
    await it.look();
    expect(it.used.map(({ key }) => key)).toEqual([first.key, second.key]);
    expect(it.words()).toEqual([news, news]);
  });

  test("is not replaced by what is no pair, which is told once, and not when a look falls in between two files", async () => {
    await using it = await watched(first);
    await it.look();
    await it.mounted.put({ cert: first.cert, key: second.key });
    await it.look();
    expect(it.words()).toEqual([news]);
    for (let looks = 0; looks < 5; looks += 1) await it.look();
    const word = "warn the new certificate cannot be used; the status page goes on with the one before";
    expect(it.words()).toEqual([news, word]);
    await it.mounted.put(second);
    await it.look();
    await it.mounted.put({ cert: "", key: "" });
    for (let looks = 0; looks < 3; looks += 1) await it.look();
    expect(it.words()).toEqual([news, word, news, word]);
    expect(it.used.map(({ cert }) => cert)).toEqual([first.cert, second.cert]);
  });

  test("may come later than the program", async () => {
    await using it = await watched();
    await it.look();
    await it.look();
    expect(it.words()).toEqual(["warn the status page has no certificate: nobody can open it yet"]);
    await it.mounted.put(first);
    await it.look();
    expect(it.used).toHaveLength(1);
  });

  test.each([
    [{ until: 13 }, "ends soon, and nobody has renewed it"],
    [{ from: -9, until: -1 }, "has ended: readers refuse it"],
    [{ from: 1, until: 90 }, "does not hold yet: readers refuse it"],
  ])("is used all the same when its time is not right, and that is told once: %o", async (validDays, word) => {
    await using it = await watched(authority.issue({ ...subject, validDays }));
    for (let looks = 0; looks < 3; looks += 1) await it.look();
    expect(it.used).toHaveLength(1);
    expect(it.words()).toEqual([news, `warn the status page's certificate ${word}`]);
  });
});
