/** One `<disk>` of a domain's definition. */
export interface Disk {
  /** `disk`, `cdrom`, `floppy`, `lun`. */
  readonly device: string;
  /** Format of its image, as `qcow2`. */
  readonly format: string | undefined;
  readonly path: string | undefined;
  /** For disks that name a volume instead of a path. */
  readonly volume: { readonly pool: string; readonly name: string } | undefined;
}

/**
 * The disks in a definition that libvirt itself has printed (attributes in single quotes, everything else escaped).
 * Foreign text (metadata) and images below a disk (backingStore, mirror) are no disks.
 */
export function readDisks(definition: string): readonly Disk[] {
  const own = definition.replace(/<metadata>[\s\S]*<\/metadata>/, "");
  return [...own.matchAll(/<disk\b([^>]*)>([\s\S]*?)<\/disk>/g)].map(([, head = "", body = ""]) => {
    const flat = withoutNested(withoutNested(body, "backingStore"), "mirror");
    const source = tag(flat, "source");
    const pool = attribute(source, "pool");
    const name = attribute(source, "volume");
    return {
      device: attribute(head, "device") ?? "disk",
      format: attribute(tag(flat, "driver"), "type"),
      path: attribute(source, "file"),
      volume: pool === undefined || name === undefined ? undefined : { pool, name },
    };
  });
}

/** Whether the machine keeps UEFI variables in a file of their own. */
export function hasNvram(definition: string): boolean {
  return /<nvram\b/.test(definition.replace(/<metadata>[\s\S]*<\/metadata>/, ""));
}

/** Type and folder of a storage pool. */
export function readPoolFolder(definition: string): { readonly type: string; readonly folder: string | undefined } {
  const target = /<target>([\s\S]*?)<\/target>/.exec(definition)?.[1] ?? "";
  const folder = /<path>([^<]*)<\/path>/.exec(target)?.[1];
  return {
    type: attribute(/<pool\b([^>]*)>/.exec(definition)?.[1] ?? "", "type") ?? "unknown",
    folder: folder === undefined ? undefined : unescaped(folder),
  };
}

export interface NewVolume {
  readonly name: string;
  readonly capacityBytes: number;
  readonly backingPath: string;
  readonly backingFormat: string;
}

/** A thin qcow2 image over a base image. */
export function volumeDefinition({ name, capacityBytes, backingPath, backingFormat }: NewVolume): string {
  return [
    "<volume>",
    `<name>${escaped(name)}</name>`,
    `<capacity unit='bytes'>${capacityBytes}</capacity>`,
    "<target><format type='qcow2'/></target>",
    `<backingStore><path>${escaped(backingPath)}</path><format type='${escaped(backingFormat)}'/></backingStore>`,
    "</volume>",
  ].join("");
}

function withoutNested(body: string, name: string): string {
  return body
    .replaceAll(new RegExp(`<${name}\\b[^>]*/>`, "g"), "")
    .replace(new RegExp(`<${name}\\b[\\s\\S]*</${name}>`), "");
}

function tag(body: string, name: string): string {
  return new RegExp(`<${name}\\b([^>]*)>`).exec(body)?.[1] ?? "";
}

function attribute(head: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}=(?:'([^']*)'|"([^"]*)")`).exec(head);
  return value === null ? undefined : unescaped(value[1] ?? value[2] ?? "");
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

function unescaped(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name] ?? "");
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("'", "&apos;")
    .replaceAll('"', "&quot;");
}
