import { createServer } from "node:net";

const lowest = 20_000;
const highest = 31_000;
let next = lowest + Math.floor(Math.random() * (highest - lowest));

/**
 * A TCP port of 127.0.0.1 that nobody listens on, for a server that cannot pick one by itself. Below the range from
 * which the kernel takes the near ends of connections (32768 and up), so that it stays free until the server starts.
 */
export async function findFreePort(host = "127.0.0.1"): Promise<number> {
  for (let tries = 0; tries < 500; tries += 1) {
    // another caller may move on while this one waits
    const port = next >= highest ? lowest : next + 1;
    next = port;
    if (await mayListen(host, port)) return port;
  }
  throw new Error(`no free port on ${host} between ${lowest} and ${highest}`);
}

function mayListen(host: string, port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
