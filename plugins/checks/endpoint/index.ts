import {
  type CheckContext,
  defineHealthCheck,
  type ParamMistake,
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
  mistakes: protocolMistakes,
  create(values: ParamValues, { clock, log }: CheckContext) {
    // The loader validated the values against endpointSchema.
    const params = values as unknown as EndpointParams;
    const [mistake] = protocolMistakes(values);
    if (mistake !== undefined) throw new PluginParamError(`Endpoint: protocol "${params.protocol}" ${mistake.message}`);
    if (params["unhealthy-annotation"] !== undefined) {
      log.warn({ check: "Endpoint" }, "unhealthy-annotation has no effect: times are kept in the ObserverReport");
    }
    const probe = new EndpointProbe(params, params.protocol.toUpperCase() === "HTTPS", clock);
    return {
      probe: (target, signal): Promise<ProbeResult> => probe.run(target, signal),
      close: async () => probe.close(),
    };
  },
});

function protocolMistakes({ protocol }: ParamValues): readonly ParamMistake[] {
  if (/^https?$/i.test(String(protocol))) return [];
  return [{ key: "protocol", message: "is neither HTTPS nor HTTP" }];
}
