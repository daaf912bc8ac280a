/** Our own machine could not even ask. */
const local = new Set([
  "EACCES",
  "EADDRNOTAVAIL",
  "EAFNOSUPPORT",
  "EINVAL",
  "EMFILE",
  "ENETDOWN",
  "ENETUNREACH",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
  "EPERM",
]);

/** Nobody at that address said anything: time passed, or the network gave up looking for the address. */
const silent = new Set(["EHOSTDOWN", "EHOSTUNREACH", "ETIMEDOUT"]);

/**
 * What the error of a TCP connection tells about the machine at the other end. `answered`: something there replied, be
 * it a refusal. `silent`: nothing came back. `local`: the trouble is on our side and says nothing about the other.
 *
 * @param code the `code` of a Node.js socket error, as `ECONNREFUSED`
 */
export function meaningOfSocketError(code: string): "answered" | "silent" | "local" {
  if (local.has(code)) return "local";
  return silent.has(code) ? "silent" : "answered";
}
