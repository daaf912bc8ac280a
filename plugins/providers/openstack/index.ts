import { defineProvider, ProviderError } from "../../../src/plugin-api/index.ts";
import { openStackMistakes, openStackParams } from "./params.ts";

export default defineProvider({
  id: "openstack",
  summary: "Machines are Nova servers, of a Magnum cluster or not.",
  params: openStackParams,
  mistakes: openStackMistakes,
  create() {
    throw new ProviderError(
      "starting provider openstack: this version of Aceso reads and checks its section but cannot run it yet; use exec or none",
      "ask-operator",
    );
  },
});
