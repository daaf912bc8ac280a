import { createServer, type Server, type Socket } from "node:net";
import { expect, test } from "vitest";
import { dialTcp } from "../../../src/observer/mute.ts";
import { findFreePort } from "../../support/free-port.ts";

const never = new AbortController().signal;

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as { port: number }).port;
}

test("an open port, a refusal and a reset all are answers", async () => {
  const server = createServer((socket: Socket) => socket.resetAndDestroy());
  const port = await listening(server);
  expect(await dialTcp("127.0.0.1", port, never)).toBe("answered");
  await new Promise((resolve) => server.close(resolve));
  expect(await dialTcp("127.0.0.1", await findFreePort(), never)).toBe("answered");
});

test("an abort before any answer is silence", async () => {
  const stop = new AbortController();
  const knock = dialTcp("127.0.0.1", await findFreePort(), stop.signal);
  stop.abort();
  expect(await knock).toBe("silent");
  expect(await dialTcp("127.0.0.1", 1, AbortSignal.abort())).toBe("silent");
});
