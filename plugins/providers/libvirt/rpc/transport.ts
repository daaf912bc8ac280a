import { readFile } from "node:fs/promises";
import { connect as connectSocket, isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { messageOf } from "../../../../src/plugin-api/index.ts";
import { ConnectionError } from "./errors.ts";
import { opened, untilEvent } from "./sockets.ts";
import type { ConnectionUri, Target } from "./uri.ts";

/** The daemon sends it after the TLS handshake once it has accepted our certificate. */
const accepted = 1;

/**
 * A stream of bytes to the daemon. Another transport is another case here: whatever it gives must be a Duplex whose far
 * end is the daemon's socket.
 *
 * @throws ConnectionError saying where, and what to do
 */
export async function openStream({ name, target }: ConnectionUri, signal: AbortSignal): Promise<Duplex> {
  try {
    signal.throwIfAborted();
    switch (target.transport) {
      case "unix":
        return await opened(connectSocket({ path: target.socket }), "connect", signal);
      case "tcp":
        return await opened(connectSocket({ host: target.host, port: target.port }), "connect", signal);
      case "tls":
        return await openTls(target, signal);
      case "ssh": {
        // five megabytes of memory that nobody else has to pay for
        const { openSsh } = await import("./ssh.ts");
        return await openSsh(target, signal);
      }
    }
  } catch (error) {
    throw explained(error, name, target);
  }
}

async function openTls(target: Extract<Target, { transport: "tls" }>, signal: AbortSignal): Promise<Duplex> {
  const [ca, cert, key] = await Promise.all(
    [target.files.authorities, target.files.certificate, target.files.key].map((file) => readFile(file, { signal })),
  );
  const name = isIP(target.host) === 0 ? { servername: target.host } : {};
  const { host, port } = target;
  const socket = connectTls({ host, port, ca, cert, key, minVersion: "TLSv1.2", ...name } as const);
  await opened(socket, "secureConnect", signal);
  await acceptance(socket, signal);
  return socket;
}

/** A daemon that does not want our certificate just ends the stream, sometimes with a TLS alert. */
function acceptance(socket: Socket, signal: AbortSignal): Promise<void> {
  return untilEvent(socket, signal, (done, fail) => {
    const refusal = (problem: string) => {
      const advice = "the daemon did not accept our certificate; see its log and tls_allowed_dn_list";
      fail(new ConnectionError(`${problem}: ${advice}`, { isConfiguration: true }));
    };
    const onReadable = () => {
      const byte: Buffer | null = socket.read(1);
      if (byte === null) return;
      socket.off("readable", onReadable);
      if (byte[0] === accepted) done();
      else refusal(`answered ${byte[0]}`);
    };
    socket.on("readable", onReadable);
    socket.once("error", (error) => refusal(error.message));
    socket.once("end", () => refusal("ended"));
    socket.once("close", () => refusal("closed"));
  });
}

function explained(error: unknown, name: string, target: Target): ConnectionError {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? "";
  const text = `connecting to ${name}: ${messageOf(error)}`;
  const advice = adviceFor(code, target);
  const isConfiguration = advice !== "" || (error instanceof ConnectionError && error.isConfiguration);
  return new ConnectionError(`${text}${advice}`, { cause: error, isConfiguration });
}

const certificateErrors =
  /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_OSSL_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA|ERR_TLS_)/;

/** Empty where trying again may help. */
function adviceFor(code: string, target: Target): string {
  if (target.transport === "unix") {
    return code === "EACCES" ? "; the process needs a user or group that may open the socket" : "";
  }
  if (target.transport !== "tls") return "";
  if (code === "ENOENT" || code === "EACCES") {
    return "; pkipath must hold cacert.pem, clientcert.pem and clientkey.pem, readable for the process";
  }
  return certificateErrors.test(code) ? "; check the certificates on both sides" : "";
}
