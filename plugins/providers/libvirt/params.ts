import type { ParamSchema } from "../../../src/plugin-api/index.ts";

/** The section `libvirt`. */
export const libvirtParams = {
  uris: {
    doc: "Connection URIs of all hypervisors that may run a machine, as `qemu+tls://host-a/system`; `[]`: none.",
    format: "strings",
    default: [],
  },
} as const satisfies ParamSchema;
