import { defineProvider } from "../../../src/plugin-api/index.ts";
import { createExecProvider } from "./exec-provider.ts";
import { execMistakes, execSchema, toSettings } from "./settings.ts";

/** Any program as provider: a script of one's own, or a ClusterLabs fence agent. */
export default defineProvider({
  id: "exec",
  summary: "Asks a program of your own, or a ClusterLabs fence agent, about a machine and for its power.",
  params: execSchema,
  mistakes: execMistakes,
  create: (params, { clock }) => createExecProvider(toSettings(params), clock),
});
