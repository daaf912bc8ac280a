import { json, Refusal } from "../http/answer.ts";
import { type CloudRequest, headerOf } from "../http/request.ts";

const maximumMinor = 10;
const limits = {
  "OpenStack-API-Minimum-Version": "container-infra 1.1",
  "OpenStack-API-Maximum-Version": `container-infra 1.${maximumMinor}`,
};

/** The minor number of the microversion asked for: 10 for 1.10. Without a header it is 1. @throws Refusal 406 */
export function magnumMinorOf(request: CloudRequest): number {
  const header = headerOf(request, "openstack-api-version");
  const own = header?.split(",").find((part) => part.trim().startsWith("container-infra "));
  const asked = own?.trim().slice("container-infra ".length);
  if (asked === undefined) return 1;
  if (asked === "latest") return maximumMinor;
  const [major = 0, minor = 0] = asked.split(".").map(Number);
  if (major === 1 && minor >= 1 && minor <= maximumMinor) return minor;
  const help = { rel: "help", href: "http://docs.openstack.org/api-guide/compute/microversions.html" };
  const error = {
    ...{ max_version: `1.${maximumMinor}`, min_version: "1.1", code: "magnum.microversion-unsupported" },
    ...{ links: [help], title: "Requested microversion is unsupported" },
  };
  throw new Refusal(json(406, { errors: [error] }, versionHeaders(asked)));
}

export function versionHeaders(asked: string): Record<string, string> {
  return { ...limits, "OpenStack-API-Version": `container-infra ${asked}`, vary: "OpenStack-API-Version" };
}
