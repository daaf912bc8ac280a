import { mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Issued } from "./certificates.ts";

/** Files of a certificate and its key, changed as a kubelet changes those of a mounted Secret: both in one moment. */
export interface MountedKeyPair extends AsyncDisposable {
  readonly folder: string;
  readonly files: { readonly certificateFile: string; readonly keyFile: string };
  put(pair: Issued): Promise<void>;
}

/** @param first undefined: the Secret is not there yet */
export async function mountKeyPair(first?: Issued): Promise<MountedKeyPair> {
  const folder = await mkdtemp(join(tmpdir(), "aceso-tls-"));
  const file = (name: string) => join(folder, "..data", name);
  let versions = 0;
  const put = async ({ cert, key }: Issued) => {
    versions += 1;
    const version = await mkdtemp(join(folder, `..${versions}-`));
    await writeFile(join(version, "tls.crt"), cert);
    await writeFile(join(version, "tls.key"), key, { mode: 0o600 });
    await symlink(version, join(folder, "..next"));
    await rename(join(folder, "..next"), join(folder, "..data"));
  };
  if (first !== undefined) await put(first);
  return {
    folder,
    files: { certificateFile: file("tls.crt"), keyFile: file("tls.key") },
    put,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
