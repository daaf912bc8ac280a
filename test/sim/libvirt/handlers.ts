import { type XdrReader, XdrWriter } from "../../../plugins/providers/libvirt/rpc/xdr.ts";
import type { SimDomain, SimHypervisor, SimPool, SimVolume } from "./hypervisor.ts";

/** The work never ends, and neither does the call. */
export const never = Symbol("never");
export type Outcome = XdrWriter | typeof never;
export type Handler = (hypervisor: SimHypervisor, args: XdrReader) => Outcome;

const nothing = () => new XdrWriter();
const int = (value: number) => new XdrWriter().int(value);

function readDomain(hypervisor: SimHypervisor, args: XdrReader): SimDomain {
  args.text();
  const uuid = args.fixed(16);
  args.int();
  return hypervisor.domain(uuid);
}

export function writeDomain(writer: XdrWriter, domain: SimDomain): XdrWriter {
  return writer
    .text(domain.name)
    .fixed(domain.uuid)
    .int(domain.state === 5 ? -1 : 1);
}

function readPool(hypervisor: SimHypervisor, args: XdrReader): SimPool {
  const name = args.text();
  args.fixed(16);
  return hypervisor.pool(name);
}

const writePool = ({ name, uuid }: SimPool) => new XdrWriter().text(name).fixed(uuid);
const writeVolume = ({ pool, name, path }: SimVolume) => new XdrWriter().text(pool).text(name).text(path);
const bigInt = (writer: XdrWriter, value: number) => writer.int(Math.floor(value / 2 ** 32)).int((value % 2 ** 32) | 0);

const onDomain =
  (work: (domain: SimDomain, hypervisor: SimHypervisor, args: XdrReader) => Outcome): Handler =>
  (hypervisor, args) =>
    work(readDomain(hypervisor, args), hypervisor, args);

/** By number, what a libvirtd does; opening, authentication and events belong to the connection. */
export const handlers: Readonly<Record<number, Handler>> = {
  23: (hypervisor, args) => writeDomain(nothing(), hypervisor.domainNamed(args.text())),
  24: (hypervisor, args) => writeDomain(nothing(), hypervisor.domain(args.fixed(16))),
  60: () => int(1),
  157: () => bigInt(nothing(), 9_000_000),
  273: (hypervisor) => {
    const domains = [...hypervisor.domains.values()];
    const list = int(domains.length);
    for (const domain of domains) writeDomain(list, domain);
    return list.int(domains.length);
  },
  14: onDomain((domain) => nothing().text(domain.definition)),
  151: onDomain((domain) => int(domain.isPersistent ? 1 : 0)),
  183: onDomain((domain) => int(domain.hasSavedImage ? 1 : 0)),
  184: onDomain((domain, hypervisor) => {
    hypervisor.deeds.push(`forget the image of ${domain.name}`);
    domain.hasSavedImage = false;
    return nothing();
  }),
  187: onDomain((domain) => int(domain.snapshots)),
  196: onDomain((domain, hypervisor, args) => {
    hypervisor.create(domain, args.int());
    return writeDomain(nothing(), domain);
  }),
  212: onDomain((domain) => int(domain.state).int(domain.reason)),
  234: onDomain((domain, hypervisor, args) => {
    hypervisor.destroy(domain, args.int());
    return nothing();
  }),
  245: onDomain((domain, hypervisor) => (hypervisor.reset(domain) ? nothing() : never)),
  27: onDomain((domain, hypervisor, args) => {
    hypervisor.reboot(domain, args.int());
    return nothing();
  }),
  84: (hypervisor, args) => writePool(hypervisor.pool(args.text())),
  83: (hypervisor, args) => {
    hypervisor.activePool(readPool(hypervisor, args).name);
    return nothing();
  },
  87: (hypervisor, args) => {
    const { isActive, availableBytes } = readPool(hypervisor, args);
    return [0, 0, availableBytes].reduce(bigInt, int(isActive ? 2 : 0));
  },
  88: (hypervisor, args) => {
    const { type, name, folder } = readPool(hypervisor, args);
    return nothing().text(`<pool type='${type}'><name>${name}</name><target><path>${folder}</path></target></pool>`);
  },
  154: (hypervisor, args) => int(readPool(hypervisor, args).isActive ? 1 : 0),
  93: (hypervisor, args) => {
    const pool = readPool(hypervisor, args);
    return writeVolume(hypervisor.createVolume(pool.name, args.text()));
  },
  94: (hypervisor, args) => {
    args.text();
    args.text();
    hypervisor.deleteVolume(args.text());
    return nothing();
  },
  95: (hypervisor, args) => {
    const { folder } = hypervisor.activePool(readPool(hypervisor, args).name);
    return writeVolume(hypervisor.volume(`${folder}/${args.text()}`));
  },
  98: (hypervisor, args) => {
    args.text();
    args.text();
    return [hypervisor.volume(args.text()).capacityBytes, 0].reduce(bigInt, int(0));
  },
  97: (hypervisor, args) => writeVolume(hypervisor.volume(args.text())),
};
