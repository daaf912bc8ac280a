/** Versions of one object are counted up by etcd; texts that are no numbers are never called older. */
export function isOlder(version: string, than: string): boolean {
  return /^\d+$/.test(version) && /^\d+$/.test(than) && BigInt(version) < BigInt(than);
}
