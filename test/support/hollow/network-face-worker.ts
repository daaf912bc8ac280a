// The thread of one network face: owns the listening socket, and sleeps so that nobody accepts while it shows `mute`.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { backlog, type FaceRequest, type FaceSettings, modes } from "./network-face-protocol.ts";

const settings: FaceSettings = workerData;
let { port } = settings;
let health = 200;
let server: Server | undefined;

async function listen(): Promise<void> {
  if (server !== undefined) return;
  const made = settings.tls === undefined ? createServer(answer) : createTlsServer(settings.tls, answer);
  await new Promise<void>((resolve, reject) => {
    made.once("error", reject);
    made.listen({ host: settings.host, port, backlog }, () => resolve());
  });
  server = made;
  port = (made.address() as AddressInfo).port;
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const isKnown = request.url === "/healthz";
  response.writeHead(isKnown ? health : 404, { "content-type": "text/plain" });
  response.end(isKnown && health === 200 ? "ok" : "not ok");
}

/** Ends every connection, those that wait to be accepted too: the machine's next life answers none of them. */
function refuse(): void {
  server?.close();
  server?.closeAllConnections();
  server = undefined;
}

function sleepWhileMute(): void {
  while (Atomics.load(settings.shared, 0) === modes.mute) Atomics.wait(settings.shared, 0, modes.mute);
  refuse();
}

async function handle(request: FaceRequest): Promise<void> {
  if (request.health !== undefined) health = request.health;
  if (request.mode === undefined) return;
  if (request.mode === "refused") refuse();
  else await listen();
  parentPort?.postMessage(port);
  if (request.mode === "mute") sleepWhileMute();
}

parentPort?.on("message", (request: FaceRequest) => {
  void handle(request);
});
await listen();
parentPort?.postMessage(port);
