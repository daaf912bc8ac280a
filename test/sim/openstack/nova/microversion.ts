import { json, Refusal } from "../http/answer.ts";
import { type CloudRequest, headerOf } from "../http/request.ts";

export const novaMinimum = "2.1";
export const novaMaximum = "2.93";

/** The minor number of the microversion that a request asks for: 79 for 2.79. @throws Refusal 400, 406 */
export function microversionOf(request: CloudRequest): number {
  const asked = askedFor(request);
  if (asked === undefined) return 1;
  if (asked === "latest") return minorOf(novaMaximum);
  if (!/^\d+\.\d+$/.test(asked)) {
    const message = `API Version String ${asked} is of invalid format. Must be of format MajorNum.MinorNum.`;
    throw new Refusal(json(400, { badRequest: { code: 400, message } }));
  }
  const [major = 0, minor = 0] = asked.split(".").map(Number);
  if (major === 2 && minor >= minorOf(novaMinimum) && minor <= minorOf(novaMaximum)) return minor;
  const limits = `Minimum is ${novaMinimum} and maximum is ${novaMaximum}.`;
  const message = `Version ${asked} is not supported by the API. ${limits}`;
  throw new Refusal(json(406, { computeFault: { code: 406, message } }));
}

function askedFor(request: CloudRequest): string | undefined {
  const header = headerOf(request, "openstack-api-version");
  const own = header?.split(",").find((part) => part.trim().startsWith("compute "));
  return own?.trim().slice("compute ".length) ?? headerOf(request, "x-openstack-nova-api-version");
}

function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}
