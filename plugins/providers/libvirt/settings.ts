import { type ParamValues, PluginParamError } from "../../../src/plugin-api/index.ts";
import { sectionMistakes } from "./params.ts";
import { type ConnectionUri, parseConnectionUri } from "./rpc/uri.ts";

/** The `libvirt:` section, checked. */
export interface LibvirtSettings {
  readonly uris: readonly ConnectionUri[];
  /** Whether a domain of this name may be touched. */
  readonly mayTouch: (domainName: string) => boolean;
  readonly matchesByName: boolean;
  readonly isReadOnly: boolean;
  /** Undefined: rebuild is not offered. */
  readonly rebuild: RebuildSettings | undefined;
}

/** From the configuration, never from a disk that is about to be deleted. */
export interface RebuildSettings {
  readonly pool: string;
  volumeOf(domainName: string): string;
  readonly baseImage: string;
  readonly baseImageFormat: "qcow2" | "raw";
  readonly capacityBytes: number;
}

const gib = 1024 ** 3;

/** @throws PluginParamError when the parameters make no sense together */
export function toSettings(params: ParamValues): LibvirtSettings {
  const [mistake] = sectionMistakes(params);
  if (mistake !== undefined) throw new PluginParamError(`libvirt.${mistake.key}: ${mistake.message}`);
  // The loader validated the values against libvirtParams.
  const isReadOnly = params["read-only"] === true;
  const patterns = (params.machines as readonly string[]).map(toPattern);
  return {
    uris: (params.uris as readonly string[]).map((uri) => parseConnectionUri(uri, { isReadOnly })),
    mayTouch: (name) => patterns.length === 0 || patterns.some((pattern) => pattern.test(name)),
    matchesByName: params["match-by-name"] === true,
    isReadOnly,
    rebuild: rebuildSettings(params),
  };
}

function rebuildSettings(params: ParamValues): RebuildSettings | undefined {
  if (params["base-image"] === undefined) return undefined;
  const volume = params.volume as string;
  return {
    pool: params.pool as string,
    volumeOf: (domainName) => volume.replaceAll("{domain}", () => domainName),
    baseImage: params["base-image"] as string,
    baseImageFormat: params["base-image-format"] as "qcow2" | "raw",
    capacityBytes: (params["capacity-gib"] as number) * gib,
  };
}

/** `*` is any text, everything else is itself. */
function toPattern(text: string): RegExp {
  const parts = text.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}
