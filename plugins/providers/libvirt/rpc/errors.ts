import { ProviderError, type Remedy } from "../../../../src/plugin-api/index.ts";

/** The other side does not speak libvirt's protocol, or speaks it wrongly. */
export class WireError extends ProviderError {
  /** @param what came, as `a text of 99999999 bytes` */
  constructor(what: string) {
    super(`this is not libvirt's protocol: ${what}`, "retry");
  }
}

/** There is no connection, or there is none any more. */
export class ConnectionError extends ProviderError {
  /** Our configuration or the daemon's must change: trying again soon is of no use, and may lock an account. */
  readonly isConfiguration: boolean;

  constructor(message: string, options: ErrorOptions & { isConfiguration?: boolean } = {}) {
    super(message, options.isConfiguration === true ? "ask-operator" : "retry", options);
    this.isConfiguration = options.isConfiguration === true;
  }
}

/** A call was sent and its answer did not come: what it asked for may have happened, or may still happen. */
export class NoAnswerError extends ProviderError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, "re-read", options);
  }
}

/** libvirt's numbers of errors (virErrorNumber) that mean something to us. */
export const errorNumbers = {
  internal: 1,
  invalidArgument: 8,
  xml: 27,
  operationDenied: 29,
  xmlDetail: 35,
  system: 38,
  rpc: 39,
  noDomain: 42,
  authenticationFailed: 45,
  noStoragePool: 49,
  noStorageVolume: 50,
  operationInvalid: 55,
  operationTimeout: 68,
  unsupported: 74,
  storageVolumeExists: 90,
} as const;

/** Where in libvirt an error comes from (virErrorDomain). */
export const errorAreas = { qemu: 10, storage: 18, polkit: 47 } as const;

/** libvirt answered no. */
export class LibvirtError extends ProviderError {
  /** virErrorNumber. */
  readonly number: number;
  /** virErrorDomain. */
  readonly area: number;

  /**
   * @param what was tried on what, as `destroy node-0 on qemu:///system`
   * @param words libvirt's own
   */
  constructor(what: string, number: number, area: number, words: string) {
    super(`${what}: ${words} (libvirt error ${number}/${area})${advice(number, area)}`, remedyOf(number, area, words));
    this.number = number;
    this.area = area;
  }
}

/** Whether an error is libvirt's answer with one of these numbers. */
export function isAnswer(error: unknown, ...numbers: readonly number[]): error is LibvirtError {
  return error instanceof LibvirtError && numbers.includes(error.number);
}

/** An answer nobody has met before may have come after half of the work: look. */
function remedyOf(number: number, area: number, words: string): Remedy {
  switch (number) {
    case errorNumbers.operationDenied:
    case errorNumbers.rpc:
    case errorNumbers.authenticationFailed:
    case errorNumbers.noStoragePool:
    case errorNumbers.noStorageVolume:
      return "ask-operator";
    case errorNumbers.noDomain:
    case errorNumbers.unsupported:
    case errorNumbers.xml:
    case errorNumbers.xmlDetail:
      return "give-up";
    case errorNumbers.operationTimeout:
    case errorNumbers.storageVolumeExists:
      return "retry";
    case errorNumbers.internal:
      return area === errorAreas.polkit ? "ask-operator" : "re-read";
    case errorNumbers.system:
      return area === errorAreas.storage ? "ask-operator" : "re-read";
    case errorNumbers.operationInvalid:
      if (area !== errorAreas.storage) return "re-read";
      return /still (in use|being allocated)|already exists/.test(words) ? "retry" : "ask-operator";
    default:
      return "re-read";
  }
}

function advice(number: number, area: number): string {
  if (number === errorNumbers.operationDenied) return "; the connection may only read";
  if (number === errorNumbers.internal && area === errorAreas.polkit) {
    return "; give the process a user or group that libvirt's socket accepts";
  }
  return "";
}
