import { defineProvider } from "../../../src/plugin-api/index.ts";
import { createLibvirtProvider } from "./libvirt-provider.ts";
import { libvirtMistakes, libvirtParams } from "./params.ts";
import { toSettings } from "./settings.ts";

/** QEMU machines of one or more hypervisors, over libvirt's own protocol. */
export default defineProvider({
  id: "libvirt",
  summary: "Machines are libvirt domains of one or more hypervisors.",
  params: libvirtParams,
  mistakes: libvirtMistakes,
  create: (params, { clock, log }) => createLibvirtProvider(toSettings(params), clock, log),
});
