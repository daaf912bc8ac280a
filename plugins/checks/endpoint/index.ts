import {
  type CheckContext,
  defineHealthCheck,
  type ParamValues,
  PluginParamError,
  type ProbeResult,
} from "../../../src/plugin-api/index.ts";
import { EndpointProbe } from "./endpoint-probe.ts";
import { type EndpointParams, endpointSchema } from "./params.ts";

/** GETs paths of a server on the node: kubelet, API server, anything that speaks HTTP. */
export default defineHealthCheck({
  id: "Endpoint",
  summary: "HTTP(S) paths on the node's InternalIP answer with an expected status.",
  params: endpointSchema,
  create(values: ParamValues, { clock, log }: CheckContext) {
    // The loader validated the values against endpointSchema.
    const params = values as unknown as EndpointParams;
    const protocol = params.protocol.toUpperCase();
    if (protocol !== "HTTPS" && protocol !== "HTTP") {
      throw new PluginParamError(`Endpoint: protocol "${params.protocol}" is neither HTTPS nor HTTP`);
    }
    if (params["unhealthy-annotation"] !== undefined) {
      log.warn({ check: "Endpoint" }, "unhealthy-annotation has no effect: times are kept in the ObserverReport");
    }
    const probe = new EndpointProbe(params, protocol === "HTTPS", clock);
    return {
      probe: (target, signal): Promise<ProbeResult> => probe.run(target, signal),
      close: async () => probe.close(),
    };
  },
});
