import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { connect, isIP } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { messageOf } from "../core/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Receiver } from "./deliver.ts";
import { keyOf } from "./signature.ts";

/** What came of looking at everything that a notification needs, without sending one. */
export interface ReceiverTrial {
  /** Scheme, host and port. Not the path, which may be a secret. */
  readonly origin: string;
  readonly problems: readonly {
    readonly part: "secret-file" | "ca-file" | "connection";
    readonly problem: string;
  }[];
}

const connectMs = 10_000;

/** Reads both files, and opens a connection to the receiver and closes it again. Never throws, but when the signal aborts. */
export async function tryReceiver(
  { url, secretFile, caFile }: Receiver,
  clock: Clock,
  signal: AbortSignal,
): Promise<ReceiverTrial> {
  const { origin } = new URL(url);
  const secret = await readWith(secretFile, (text) => (keyOf(text).length > 0 ? undefined : "it holds no secret"));
  const authorities =
    caFile === undefined ? { text: undefined, problem: undefined } : await readWith(caFile, problemOfAuthorities);
  // without them every certificate would be refused, which says nothing of the receiver
  const speaksTls = origin.startsWith("https:") && authorities.problem === undefined;
  const connection = await open(new URL(url), speaksTls, authorities.text, clock, signal);
  const problems = [
    { part: "secret-file", problem: secret.problem },
    { part: "ca-file", problem: authorities.problem },
    { part: "connection", problem: connection },
  ] as const;
  return {
    origin,
    problems: problems.flatMap(({ part, problem }) => (problem === undefined ? [] : [{ part, problem }])),
  };
}

interface FileRead {
  readonly text: string | undefined;
  readonly problem: string | undefined;
}

async function readWith(file: string, problemOf: (text: string) => string | undefined): Promise<FileRead> {
  try {
    const text = await readFile(file, "utf8");
    const problem = problemOf(text);
    return { text, problem: problem && `${file}: ${problem}` };
  } catch (error) {
    return { text: undefined, problem: messageOf(error) };
  }
}

/** Node itself passes over whatever is no certificate. */
function problemOfAuthorities(text: string): string | undefined {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [];
  if (blocks.length === 0) return "it holds no certificate in PEM";
  try {
    for (const block of blocks) new X509Certificate(block);
    return undefined;
  } catch (error) {
    return `a certificate in it cannot be read: ${messageOf(error)}`;
  }
}

/** @returns why no connection came about; undefined: one did, and not a byte was sent on it but the handshake */
async function open(
  { protocol, hostname, port }: URL,
  speaksTls: boolean,
  ca: string | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<string | undefined> {
  signal.throwIfAborted();
  using deadline = clock.deadline(connectMs, signal);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const to = { host, port: Number(port) || (protocol === "https:" ? 443 : 80) };
  const name = isIP(host) === 0 ? { servername: host } : {};
  const socket = speaksTls ? connectSecurely({ ...to, ...name, ...(ca !== undefined && { ca }) }) : connect(to);
  const end = () => socket.destroy(new Error(`no answer within ${connectMs / 1_000} s`));
  deadline.signal.addEventListener("abort", end, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once(speaksTls ? "secureConnect" : "connect", () => resolve());
      socket.once("error", reject);
    });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return messageOf(error);
  } finally {
    deadline.signal.removeEventListener("abort", end);
    socket.destroy();
  }
}
