/** What of an image's configuration says how it is started. */
export interface ImageConfig {
  readonly User: string;
  readonly Entrypoint: readonly string[];
}

/**
 * The command that starts an image as the DaemonSet of the manifest has it started: root read-only, no privilege to be
 * gained, /tmp of its own. A chroot in a mount namespace instead of a container runtime, which would need more of the
 * machine. It becomes the program itself: one process, whose id is the child's. More arguments may follow.
 *
 * @param root the image's mounted root file system
 * @param config folder that is shown as /etc/aceso
 */
export function startCommand(root: string, config: string, { User, Entrypoint }: ImageConfig): readonly string[] {
  const script = [
    "set -eu; root=$1; config=$2; user=$3; shift 3",
    'mkdir -p "$root/etc/aceso" "$root/tmp"',
    'mount --bind "$root" "$root"',
    // a mount below the old root is not seen through the new one
    'mount --bind "$config" "$root/etc/aceso"',
    'mount -t tmpfs -o size=16m,mode=1777 tmpfs "$root/tmp"',
    'mount -o remount,bind,ro "$root/etc/aceso"',
    'mount -o remount,bind,ro "$root"',
    'exec setpriv --no-new-privs chroot --userspec="$user" --groups= "$root" "$@"',
  ].join("\n");
  const unshare = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"];
  return ["env", "--ignore-environment", `PATH=${process.env.PATH}`, ...unshare, root, config, User, ...Entrypoint];
}
