import {
  type ParamMistake,
  type ParamSchema,
  type ParamValues,
  PluginParamError,
  type ProviderUse,
} from "../../../src/plugin-api/index.ts";
import { parseConnectionUri } from "./rpc/uri.ts";

/** The section `libvirt`. */
export const libvirtParams = {
  uris: {
    doc: "Connection URIs of all hypervisors that may run a machine, as `qemu+tls://host-a/system`. At least one.",
    format: "strings",
    default: [],
  },
  machines: {
    doc: "Names of the domains that may be touched, `*` for any text; `[]`: all. A node that leads to another domain is refused.",
    format: "strings",
    default: [],
  },
  "match-by-name": {
    doc: "A node whose system UUID is no domain's is the domain of the node's name.",
    format: "flag",
    default: false,
  },
  "read-only": {
    doc: "Open connections that can only read, over `libvirt-sock-ro` where it is a unix socket. Only with `dry-run: true`.",
    format: "flag",
    default: false,
  },
  "base-image": {
    doc: "For `rebuild`: path on the hypervisor of the image that a new root disk is laid over. It must be in a storage pool.",
    format: "path",
    default: null,
  },
  "base-image-format": {
    doc: "For `rebuild`: format of the base image.",
    format: ["qcow2", "raw"],
    default: "qcow2",
  },
  pool: {
    doc: "For `rebuild`: storage pool of the root disks, of files (dir, fs, netfs).",
    format: "string",
    default: null,
  },
  volume: {
    doc: "For `rebuild`: name of a root disk in its pool; `{domain}` is the domain's name.",
    format: "string",
    default: "{domain}.qcow2",
  },
  "capacity-gib": {
    doc: "For `rebuild`: size of a new root disk in GiB, at least that of the base image.",
    format: "int",
    default: null,
  },
} as const satisfies ParamSchema;

const rebuildKeys = ["base-image", "pool", "capacity-gib"] as const;

/** What the schema cannot say; never holds a URI, since people put all kinds of things into them. */
export function libvirtMistakes(params: ParamValues, { isDryRun }: ProviderUse): readonly ParamMistake[] {
  const message = "connections that may only read can heal nothing: expected dry-run: true, or false here";
  const isIdle = params["read-only"] === true && !isDryRun;
  return [...sectionMistakes(params), ...(isIdle ? [{ key: "read-only", message }] : [])];
}

/** Those of the section by itself. */
export function sectionMistakes(params: ParamValues): readonly ParamMistake[] {
  return [...uriMistakes(params), ...rebuildMistakes(params)];
}

function uriMistakes(params: ParamValues): ParamMistake[] {
  // The loader validated the values against libvirtParams.
  const uris = params.uris as readonly string[];
  const isReadOnly = params["read-only"] === true;
  if (uris.length === 0) return [{ key: "uris", message: "expected at least one connection URI" }];
  const names = new Map<string, number>();
  return uris.flatMap((uri, index) => {
    try {
      const { name } = parseConnectionUri(uri, { isReadOnly });
      const earlier = names.get(name);
      names.set(name, index);
      return earlier === undefined
        ? []
        : [{ key: "uris", message: `[${index}] is the same hypervisor as [${earlier}]` }];
    } catch (error) {
      if (error instanceof PluginParamError) return [{ key: "uris", message: `[${index}] ${error.message}` }];
      throw error;
    }
  });
}

function rebuildMistakes(params: ParamValues): ParamMistake[] {
  const given = rebuildKeys.filter((key) => params[key] !== undefined);
  if (given.length === 0) return [];
  const missing = rebuildKeys.filter((key) => params[key] === undefined);
  const mistakes: ParamMistake[] = missing.map((key) => ({
    key,
    message: `missing: rebuild needs ${rebuildKeys.join(", ")} together`,
  }));
  const volume = String(params.volume);
  if (!volume.includes("{domain}") || volume.includes("/")) {
    mistakes.push({ key: "volume", message: "expected a file name with {domain} in it: one disk for each" });
  }
  if (params["base-image"] !== undefined && !String(params["base-image"]).startsWith("/")) {
    mistakes.push({ key: "base-image", message: "expected an absolute path" });
  }
  if (params["capacity-gib"] !== undefined && Number(params["capacity-gib"]) < 1) {
    mistakes.push({ key: "capacity-gib", message: "expected at least 1" });
  }
  return mistakes;
}
