import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import type { Validity } from "../core/certificate.ts";
import { AcesoError, messageOf } from "../core/errors.ts";

/** Certificate and private key in PEM, each in a file of its own, as in a Secret of type kubernetes.io/tls. */
export interface KeyPairFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** A certificate with the key that fits it. */
export interface KeyPair {
  /** PEM, with the certificates that lead to the authority behind it. */
  readonly cert: string;
  readonly key: string;
  /** Names and addresses that it is for, as `DNS:aceso.example, IP Address:192.0.2.7`; empty: none. */
  readonly names: string;
  readonly validity: Validity;
}

/** The files cannot be read, are not what they should be, or do not fit each other. */
export class CertificateError extends AcesoError {
  readonly code = "ACESO_HTTP_CERTIFICATE";
  readonly remedy = "ask-operator";
}

/** What a server is to use a pair with. TLS 1.0 and 1.1 have been forbidden since RFC 8996. */
export function contextOf({ cert, key }: Pick<KeyPair, "cert" | "key">): SecureContextOptions {
  return { cert, key, minVersion: "TLSv1.2" };
}

/**
 * Reads both files and tries them as a server would. When a certificate holds is not judged here: that is its readers'
 * affair, whose clocks decide.
 *
 * @throws CertificateError
 */
export async function readKeyPair({ certificateFile, keyFile }: KeyPairFiles, signal: AbortSignal): Promise<KeyPair> {
  const [cert, key] = await Promise.all([textOf(certificateFile, signal), textOf(keyFile, signal)]);
  const leaf = tried(`http.certificate-file ${certificateFile} holds no certificate in PEM`, () => {
    return new X509Certificate(cert);
  });
  const own = tried(`http.key-file ${keyFile} holds no private key in PEM that needs no passphrase`, () => {
    return createPrivateKey(key);
  });
  if (!leaf.checkPrivateKey(own)) {
    throw new CertificateError(
      `the key in http.key-file ${keyFile} does not fit http.certificate-file ${certificateFile}`,
    );
  }
  tried(`http.certificate-file ${certificateFile} is refused`, () => createSecureContext(contextOf({ cert, key })));
  const validity = { fromWallMs: leaf.validFromDate.getTime(), untilWallMs: leaf.validToDate.getTime() };
  return { cert, key, names: leaf.subjectAltName ?? "", validity };
}

async function textOf(file: string, signal: AbortSignal): Promise<string> {
  try {
    return await readFile(file, { encoding: "utf8", signal });
  } catch (error) {
    throw new CertificateError(`reading ${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** What OpenSSL says names neither the key nor anything of it. */
function tried<T>(problem: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new CertificateError(`${problem}: ${messageOf(error)}`, { cause: error });
  }
}
