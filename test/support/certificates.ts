import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { isIP } from "node:net";

/** A certificate and its key, as PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

export interface Subject {
  readonly commonName: string;
  /** Kubernetes reads each one as a group. */
  readonly organizations?: readonly string[];
  /** DNS names and IPv4 addresses that a server's certificate is valid for. */
  readonly altNames?: readonly string[];
  /** Days from now; since yesterday and for a year where nothing is said. */
  readonly validDays?: { readonly from?: number; readonly until: number };
}

/** Signs certificates for tests. Made anew for each control plane, so that no key is ever stored in the repository. */
export interface Authority {
  /** Of the authority itself, as PEM. */
  readonly cert: string;
  readonly key: string;
  issue(subject: Subject): Issued;
}

/**
 * X.509 written by hand (RFC 5280, ECDSA P-256 with SHA-256): the tests need certificates on machines without the
 * openssl command, and Node can read but not make them.
 */
export function makeAuthority(commonName: string): Authority {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = toName({ commonName });
  const build = (subject: Subject, publicKey: KeyObject, extensions: Buffer) =>
    toPem("CERTIFICATE", certificate(name, keys.privateKey, subject, publicKey, extensions));
  return {
    cert: build({ commonName }, keys.publicKey, authorityExtensions()),
    key: privatePem(keys.privateKey),
    issue(subject) {
      const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
      return { cert: build(subject, own.publicKey, leafExtensions(subject)), key: privatePem(own.privateKey) };
    },
  };
}

/** A key pair for signing service account tokens, as PEM. */
export function makeKeyPair(): { readonly publicKey: string; readonly privateKey: string } {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    publicKey: keys.publicKey.export({ type: "spki", format: "pem" }).toString(),
    privateKey: keys.privateKey.export({ type: "sec1", format: "pem" }).toString(),
  };
}

const dayMs = 86_400_000;
const ecdsaWithSha256 = sequence(objectId([1, 2, 840, 10045, 4, 3, 2]));

function certificate(issuer: Buffer, signer: KeyObject, subject: Subject, publicKey: KeyObject, extensions: Buffer) {
  const { from = -1, until } = subject.validDays ?? { until: 365 };
  const validity = sequence(toUtcTime(Date.now() + from * dayMs), toUtcTime(Date.now() + until * dayMs));
  const toBeSigned = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([0x40]), randomBytes(15)])),
    ecdsaWithSha256,
    issuer,
    validity,
    toName(subject),
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, extensions),
  );
  const signature = createSign("sha256").update(toBeSigned).sign(signer);
  return sequence(toBeSigned, ecdsaWithSha256, bitString(signature, 0));
}

function authorityExtensions(): Buffer {
  const isAuthority = extension([2, 5, 29, 19], true, sequence(tagged(0x01, Buffer.from([0xff]))));
  const maySignCertificates = extension([2, 5, 29, 15], true, bitString(Buffer.from([0x04]), 2));
  return sequence(isAuthority, maySignCertificates);
}

function leafExtensions(subject: Subject): Buffer {
  const serverAuth = objectId([1, 3, 6, 1, 5, 5, 7, 3, 1]);
  const clientAuth = objectId([1, 3, 6, 1, 5, 5, 7, 3, 2]);
  const list = [extension([2, 5, 29, 37], false, sequence(serverAuth, clientAuth))];
  if (subject.altNames !== undefined) {
    list.push(extension([2, 5, 29, 17], false, sequence(...subject.altNames.map(toAltName))));
  }
  return sequence(...list);
}

function toAltName(text: string): Buffer {
  return isIP(text) === 4 ? tagged(0x87, Buffer.from(text.split(".").map(Number))) : tagged(0x82, Buffer.from(text));
}

function toName(subject: Subject): Buffer {
  const part = (id: readonly number[], text: string) =>
    tagged(0x31, sequence(objectId(id), tagged(0x0c, Buffer.from(text))));
  const groups = (subject.organizations ?? []).map((text) => part([2, 5, 4, 10], text));
  return sequence(...groups, part([2, 5, 4, 3], subject.commonName));
}

function extension(id: readonly number[], isCritical: boolean, value: Buffer): Buffer {
  const critical = isCritical ? [tagged(0x01, Buffer.from([0xff]))] : [];
  return sequence(objectId(id), ...critical, tagged(0x04, value));
}

function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(size: number): Buffer {
  if (size < 0x80) return Buffer.from([size]);
  return size < 0x100 ? Buffer.from([0x81, size]) : Buffer.from([0x82, size >> 8, size & 0xff]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function bitString(bytes: Buffer, unusedBits: number): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([unusedBits]), bytes]));
}

function objectId([first = 0, second = 0, ...rest]: readonly number[]): Buffer {
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(toBase128)]));
}

function toBase128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

function toUtcTime(atMs: number): Buffer {
  const text = new Date(atMs).toISOString();
  return tagged(0x17, Buffer.from(`${text.replace(/[-:T]/g, "").slice(2, 14)}Z`));
}

function privatePem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

function toPem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
