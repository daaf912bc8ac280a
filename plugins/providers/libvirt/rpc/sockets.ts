import type { Socket } from "node:net";

/** A socket that is open. It is destroyed when it does not open, or the signal aborts first. */
export function opened<S extends Socket>(
  socket: S,
  event: "connect" | "secureConnect",
  signal: AbortSignal,
): Promise<S> {
  return untilEvent(socket, signal, (done, fail) => {
    socket.once(event, () => done(socket));
    socket.once("error", fail);
    socket.once("close", () => fail(new Error("closed by the other side")));
  });
}

/** Waits for a socket's event and takes all listeners off again; the socket is destroyed when it does not come. */
export function untilEvent<T>(
  socket: Socket,
  signal: AbortSignal,
  listen: (done: (value: T) => void, fail: (error: unknown) => void) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const events = ["connect", "secureConnect", "readable", "error", "end", "close"];
    const settle = () => {
      for (const event of events) socket.removeAllListeners(event);
      signal.removeEventListener("abort", onAbort);
    };
    const fail = (error: unknown) => {
      settle();
      // a socket that fails once more must not end the process
      socket.on("error", () => {});
      socket.destroy();
      reject(error);
    };
    const onAbort = () => fail(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    listen((value) => {
      settle();
      resolve(value);
    }, fail);
  });
}
