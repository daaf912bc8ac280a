import { WireError } from "./errors.ts";
import { type XdrReader, XdrWriter } from "./xdr.ts";

/** One procedure of libvirt's remote protocol: its number, and how arguments and answer look on the wire. */
export interface Procedure<Args extends readonly unknown[], Answer> {
  /** In words, for messages. */
  readonly name: string;
  readonly number: number;
  encode(...args: Args): Buffer;
  decode(reader: XdrReader): Answer;
}

/** A domain as the protocol names it. `id` is -1 while it does not run. */
export interface Domain {
  readonly name: string;
  /** 16 bytes. */
  readonly uuid: Buffer;
  readonly id: number;
}

export interface Pool {
  readonly name: string;
  /** 16 bytes. */
  readonly uuid: Buffer;
}

export interface Volume {
  readonly pool: string;
  readonly name: string;
  /** Its path, for volumes that are files. */
  readonly key: string;
}

export interface DomainState {
  readonly state: number;
  readonly reason: number;
}

export interface PoolInfo {
  readonly state: number;
  readonly capacityBytes: number;
  readonly allocationBytes: number;
  readonly availableBytes: number;
}

export interface VolumeInfo {
  readonly type: number;
  readonly capacityBytes: number;
  readonly allocationBytes: number;
}

export interface SaslAnswer {
  readonly isComplete: boolean;
  readonly data: Buffer;
}

/** A change of a domain's life (virDomainEventType). */
export interface LifecycleEvent {
  readonly domain: Domain;
  readonly event: number;
}

const maxDomains = 16_384;
const maxAuthTypes = 20;
const maxSaslBytes = 65_536;

const text = (value: string) => new XdrWriter().text(value);
const ofDomain = ({ name, uuid, id }: Domain) => new XdrWriter().text(name).fixed(uuid).int(id);
const ofPool = ({ name, uuid }: Pool) => new XdrWriter().text(name).fixed(uuid);
const ofVolume = ({ pool, name, key }: Volume) => new XdrWriter().text(pool).text(name).text(key);

const readNothing = () => {};
const readInt = (reader: XdrReader) => reader.int();
const readFlag = (reader: XdrReader) => reader.int() === 1;
const readText = (reader: XdrReader) => reader.text();
const readDomain = (reader: XdrReader): Domain => ({ name: reader.text(), uuid: reader.fixed(16), id: reader.int() });
const readPool = (reader: XdrReader): Pool => ({ name: reader.text(), uuid: reader.fixed(16) });
const readVolume = (reader: XdrReader): Volume => ({ pool: reader.text(), name: reader.text(), key: reader.text() });
const readState = (reader: XdrReader): DomainState => ({ state: reader.int(), reason: reader.int() });

function make<Args extends readonly unknown[], Answer>(
  number: number,
  name: string,
  write: (...args: Args) => XdrWriter,
  decode: (reader: XdrReader) => Answer,
): Procedure<Args, Answer> {
  return { number, name, encode: (...args) => write(...args).toBuffer(), decode };
}

const nothing = () => new XdrWriter();
const onDomain = <T>(number: number, name: string, decode: (reader: XdrReader) => T) =>
  make(number, name, (domain: Domain) => ofDomain(domain), decode);
const onDomainFlags = <T>(number: number, name: string, decode: (reader: XdrReader) => T) =>
  make(number, name, (domain: Domain, flags: number) => ofDomain(domain).int(flags), decode);

/** SASL data go one byte in each 32-bit word. */
const bytesOneByOne = (writer: XdrWriter, data: Buffer) => {
  writer.int(0).int(data.length);
  for (const byte of data) writer.int(byte);
  return writer;
};
const readSasl = (reader: XdrReader): SaslAnswer => {
  const isComplete = reader.int() === 1;
  reader.int();
  return { isComplete, data: Buffer.from(reader.list(maxSaslBytes, () => reader.int() & 0xff)) };
};

/** What we ask of libvirt. Numbers have not changed since each procedure was added. */
export const procedures = {
  open: make(1, "open", (name: string, flags: number) => new XdrWriter().optionalText(name).int(flags), readNothing),
  close: make(2, "close", nothing, readNothing),
  supportsFeature: make(60, "supports feature", (feature: number) => new XdrWriter().int(feature), readFlag),
  libVersion: make(157, "version", nothing, (reader) => reader.bigUint()),

  authList: make(66, "list authentication", nothing, (reader) => reader.list(maxAuthTypes, () => reader.int())),
  saslInit: make(67, "begin SASL", nothing, readText),
  saslStart: make(
    68,
    "start SASL",
    (mechanism: string, data: Buffer) => bytesOneByOne(text(mechanism), data),
    readSasl,
  ),
  saslStep: make(69, "continue SASL", (data: Buffer) => bytesOneByOne(new XdrWriter(), data), readSasl),
  polkit: make(70, "authenticate with polkit", nothing, readInt),

  domainByName: make(23, "look up", (name: string) => text(name), readDomain),
  domainByUuid: make(24, "look up", (uuid: Buffer) => new XdrWriter().fixed(uuid), readDomain),
  listDomains: make(
    273,
    "list the domains",
    () => new XdrWriter().int(1).int(0),
    (reader) => {
      const domains = reader.list(maxDomains, () => readDomain(reader));
      const count = reader.uint();
      if (count !== domains.length) throw new WireError(`${count} domains where ${domains.length} came`);
      return domains;
    },
  ),
  domainState: onDomainFlags(212, "read the state of", readState),
  domainXml: onDomainFlags(14, "read the definition of", readText),
  isPersistent: onDomain(151, "ask about the persistence of", readFlag),
  hasManagedSave: onDomainFlags(183, "look for a saved image of", readFlag),
  removeManagedSave: onDomainFlags(184, "remove the saved image of", readNothing),
  snapshotCount: onDomainFlags(187, "count the snapshots of", readInt),
  reboot: onDomainFlags(27, "reboot", readNothing),
  reset: onDomainFlags(245, "reset", readNothing),
  destroy: onDomainFlags(234, "destroy", readNothing),
  create: onDomainFlags(196, "start", readDomain),

  poolByName: make(84, "look up storage pool", (name: string) => text(name), readPool),
  isPoolActive: make(154, "ask about storage pool", (pool: Pool) => ofPool(pool), readFlag),
  poolInfo: make(
    87,
    "read the space of storage pool",
    (pool: Pool) => ofPool(pool),
    (reader): PoolInfo => ({
      state: reader.uint(),
      capacityBytes: reader.bigUint(),
      allocationBytes: reader.bigUint(),
      availableBytes: reader.bigUint(),
    }),
  ),
  poolXml: make(88, "read the definition of storage pool", (pool: Pool) => ofPool(pool).int(0), readText),
  refreshPool: make(83, "refresh storage pool", (pool: Pool) => ofPool(pool).int(0), readNothing),
  volumeByName: make(95, "look up volume", (pool: Pool, name: string) => ofPool(pool).text(name), readVolume),
  volumeByPath: make(97, "look up volume", (path: string) => text(path), readVolume),
  volumeInfo: make(
    98,
    "read the size of volume",
    (volume: Volume) => ofVolume(volume),
    (reader): VolumeInfo => ({
      type: reader.int(),
      capacityBytes: reader.bigUint(),
      allocationBytes: reader.bigUint(),
    }),
  ),
  createVolume: make(93, "create volume", (pool: Pool, xml: string) => ofPool(pool).text(xml).int(0), readVolume),
  deleteVolume: make(94, "delete volume", (volume: Volume) => ofVolume(volume).int(0), readNothing),

  /** Lifecycle events of all domains; they come as messages 318. */
  registerLifecycle: make(316, "register for events", () => new XdrWriter().int(0).int(0), readInt),
} as const;

/** The feature that makes the daemon look after the connection with pings of its own. */
export const keepaliveFeature = 10;

const lifecycleMessage = 318;

/** @returns undefined for messages about other things. @throws WireError when it is not what its number says */
export function readLifecycle(procedure: number, reader: XdrReader): LifecycleEvent | undefined {
  if (procedure !== lifecycleMessage) return undefined;
  reader.int();
  return { domain: readDomain(reader), event: reader.int() };
}

/** The head of libvirt's error; what follows only repeats the message in parts. */
export function readErrorHead(reader: XdrReader): { number: number; area: number; words: string } {
  const number = reader.int();
  const area = reader.int();
  return { number, area, words: reader.optional(() => reader.text()) ?? "no message" };
}
