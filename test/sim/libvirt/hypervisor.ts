import { randomBytes } from "node:crypto";

/** libvirt's answer no, with its numbers (virErrorNumber, virErrorDomain). */
export class Refusal extends Error {
  readonly number: number;
  readonly area: number;

  constructor(number: number, area: number, words: string) {
    super(words);
    this.number = number;
    this.area = area;
  }
}

export interface SimDomain {
  readonly name: string;
  /** 16 bytes. */
  readonly uuid: Buffer;
  /** virDomainState and its reason. */
  state: number;
  reason: number;
  hasSavedImage: boolean;
  isPersistent: boolean;
  snapshots: number;
  /** What its guest does: `hung` is a QEMU that takes no command, `off-at-reset` has `<on_reboot>destroy`. */
  guest: "well" | "hung" | "off-at-reset";
  definition: string;
  /** The volume it boots from; without it, or without its base image, it does not start. */
  readonly rootPath: string;
}

export interface SimVolume {
  readonly pool: string;
  readonly name: string;
  readonly path: string;
  readonly backingPath: string | undefined;
  capacityBytes: number;
  /** How often a guest booted from it: a new disk begins at nothing. */
  boots: number;
  /** Told by nobody but the test: the definition it was made from. */
  readonly definition: string;
}

export interface SimPool {
  readonly name: string;
  readonly uuid: Buffer;
  readonly folder: string;
  type: string;
  isActive: boolean;
  availableBytes: number;
}

/** What happened to a domain (virDomainEventType). */
export type Notice = { readonly domain: SimDomain; readonly event: number };

/** The machines and disks behind a simulated libvirtd, with the rules of libvirt 9.0. */
export class SimHypervisor {
  readonly domains = new Map<string, SimDomain>();
  readonly pools = new Map<string, SimPool>();
  readonly volumes = new Map<string, SimVolume>();
  readonly #listeners = new Set<(notice: Notice) => void>();
  /** Calls that changed something, as `destroy node-0`. */
  readonly deeds: string[] = [];

  onNotice(listener: (notice: Notice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  addPool(name: string, folder: string): SimPool {
    const pool: SimPool = {
      name,
      uuid: randomBytes(16),
      folder,
      type: "dir",
      isActive: true,
      availableBytes: 100 * 1024 ** 3,
    };
    this.pools.set(name, pool);
    return pool;
  }

  addVolume(pool: string, name: string, backingPath?: string, definition = ""): SimVolume {
    const path = `${this.pool(pool).folder}/${name}`;
    const volume: SimVolume = { pool, name, path, backingPath, capacityBytes: 2 * 1024 ** 3, boots: 0, definition };
    this.volumes.set(path, volume);
    return volume;
  }

  /** A running machine with a root disk and a seed image. */
  addDomain(name: string, uuid: Buffer, rootPath: string): SimDomain {
    const definition = `<domain type='kvm' id='1'>
  <name>${name}</name>
  <metadata><x><disk><source file='/foreign'/></disk></x></metadata>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='${rootPath}'/>
      <backingStore type='file'><format type='qcow2'/><source file='/images/base.qcow2'/><backingStore/></backingStore>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='/seeds/${name}.iso'/></disk>
  </devices>
</domain>`;
    const domain: SimDomain = {
      name,
      uuid,
      state: 1,
      reason: 1,
      hasSavedImage: false,
      isPersistent: true,
      snapshots: 0,
      guest: "well",
      definition,
      rootPath,
    };
    this.domains.set(name, domain);
    return domain;
  }

  domain(uuid: Buffer): SimDomain {
    for (const domain of this.domains.values()) if (domain.uuid.equals(uuid)) return domain;
    throw new Refusal(42, 10, `Domain not found: no domain with matching uuid '${uuid.toString("hex")}'`);
  }

  domainNamed(name: string): SimDomain {
    const domain = this.domains.get(name);
    if (domain === undefined) throw new Refusal(42, 10, `Domain not found: no domain with matching name '${name}'`);
    return domain;
  }

  pool(name: string): SimPool {
    const pool = this.pools.get(name);
    if (pool === undefined) throw new Refusal(49, 18, `Storage pool not found: no pool with matching name '${name}'`);
    return pool;
  }

  activePool(name: string): SimPool {
    const pool = this.pool(name);
    if (!pool.isActive)
      throw new Refusal(55, 18, `Requested operation is not valid: storage pool '${name}' is not active`);
    return pool;
  }

  volume(path: string): SimVolume {
    const volume = this.volumes.get(path);
    if (volume === undefined)
      throw new Refusal(50, 18, `Storage volume not found: no storage vol with matching path '${path}'`);
    return volume;
  }

  /** @param flags 1 (graceful) gives up where QEMU hangs */
  destroy(domain: SimDomain, flags = 0): void {
    this.#wantActive(domain);
    if (flags !== 0 && domain.guest === "hung") throw jobHeld();
    this.deeds.push(`destroy ${domain.name}`);
    this.stop(domain, 2);
  }

  /** The domain ends, by itself or by somebody. @param reason virDomainShutoffReason */
  stop(domain: SimDomain, reason: number): void {
    domain.state = 5;
    domain.reason = reason;
    domain.guest = "well";
    if (!domain.isPersistent) this.domains.delete(domain.name);
    this.tell(domain, 5);
  }

  create(domain: SimDomain, flags: number): void {
    if (domain.state !== 5) throw new Refusal(55, 20, "Requested operation is not valid: domain is already running");
    const isResumed = domain.hasSavedImage && (flags & 8) === 0;
    const root = this.volumes.get(domain.rootPath);
    if (root === undefined) this.#failToStart(domain, `Cannot access storage file '${domain.rootPath}'`);
    if (root.backingPath !== undefined && !this.volumes.has(root.backingPath)) {
      this.#failToStart(domain, `inaccessible backing store volume ${root.backingPath}`);
    }
    this.deeds.push(`create ${domain.name} ${flags}`);
    domain.hasSavedImage = false;
    domain.state = 1;
    domain.reason = isResumed ? 3 : 1;
    if (!isResumed) root.boots += 1;
    this.tell(domain, 2);
  }

  /** @returns false when it never comes to an end */
  reset(domain: SimDomain): boolean {
    this.#wantActive(domain);
    this.deeds.push(`reset ${domain.name}`);
    if (domain.guest === "hung") return false;
    if (domain.guest === "off-at-reset") this.stop(domain, 2);
    else this.volume(domain.rootPath).boots += 1;
    return true;
  }

  /** @param flags 1: the power button (ACPI); 2 asks an agent in the guest, which is not there */
  reboot(domain: SimDomain, flags: number): void {
    this.#wantActive(domain);
    if (flags === 2) throw new Refusal(74, 10, "argument unsupported: QEMU guest agent is not configured");
    this.deeds.push(`reboot ${domain.name}`);
  }

  deleteVolume(path: string): void {
    this.volume(path);
    this.deeds.push(`delete ${path}`);
    this.volumes.delete(path);
  }

  createVolume(poolName: string, definition: string): SimVolume {
    this.activePool(poolName);
    const name = /<name>([^<]*)</.exec(definition)?.[1] ?? "";
    const backing = /<backingStore><path>([^<]*)</.exec(definition)?.[1];
    const path = `${this.pool(poolName).folder}/${name}`;
    if (this.volumes.has(path)) throw new Refusal(90, 18, `storage volume '${name}' exists already`);
    if (backing !== undefined && !this.volumes.has(backing)) {
      throw new Refusal(38, 18, `Cannot access storage file '${backing}' (as uid:64055, gid:64055)`);
    }
    this.deeds.push(`make ${path}`);
    return this.addVolume(poolName, name, backing, definition);
  }

  tell(domain: SimDomain, event: number): void {
    for (const listener of this.#listeners) listener({ domain, event });
  }

  #wantActive(domain: SimDomain): void {
    if (domain.state === 5) throw new Refusal(55, 20, "Requested operation is not valid: domain is not running");
  }

  #failToStart(domain: SimDomain, words: string): never {
    domain.reason = 6;
    throw new Refusal(38, 18, words);
  }
}

function jobHeld(): Refusal {
  return new Refusal(68, 0, "Timed out during operation: cannot acquire state change lock (held by monitor=reset)");
}
