import { type Act, messageOf, ProviderError } from "../../../src/plugin-api/index.ts";

/** Asked right before something is sent. @throws ProviderError (retry) when the act's time is over: nothing was sent of it */
export function needTime({ signal }: Pick<Act, "signal">, what: string): void {
  if (!signal.aborted) return;
  throw new ProviderError(`openstack: ${what}: not sent, its time was over: ${messageOf(signal.reason)}`, "retry");
}
