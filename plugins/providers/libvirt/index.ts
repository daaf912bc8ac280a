import { defineProvider, ProviderError } from "../../../src/plugin-api/index.ts";
import { libvirtParams } from "./params.ts";

export default defineProvider({
  id: "libvirt",
  summary: "Machines are libvirt domains of one or more hypervisors.",
  params: libvirtParams,
  create() {
    throw new ProviderError(
      "starting provider libvirt: this version of Aceso reads and checks its section but cannot run it yet; use exec or none",
      "ask-operator",
    );
  },
});
