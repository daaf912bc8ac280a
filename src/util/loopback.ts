const octet = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const ipv4Loopback = new RegExp(`^127(?:\\.${octet}){3}$`);

/** 127.0.0.0/8, ::1 and localhost, also in brackets. All other names and addresses may be reached from other machines. */
export function isLoopback(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/^::ffff:/, "");
  return name === "localhost" || name === "::1" || ipv4Loopback.test(name);
}
