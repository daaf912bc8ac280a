import { execFile } from "node:child_process";
import { join } from "node:path";

/** Debian's buildah with a store of its own: no daemon, no registry, nothing of the machine's own images. */
export class Buildah {
  readonly #folder: string;

  /** @param folder of the store; remove it when done */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Arguments that every command begins with. */
  get store(): readonly string[] {
    const at = (name: string) => join(this.#folder, name);
    return ["--storage-driver", "vfs", "--root", at("store"), "--runroot", at("run")];
  }

  /** @returns stdout, trimmed. @throws Error with the end of what it said */
  run(args: readonly string[], options: { readonly cwd?: string } = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      const all = [...this.store, ...args];
      execFile("buildah", all, { ...options, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trim());
        else reject(new Error(`buildah ${args.join(" ")}: ${stderr.slice(-3_000) || error.message}`));
      });
    });
  }

  /** Makes an image of a folder. @param env variables of the image, as `NAME=value` */
  async imageOf(folder: string, name: string, env: readonly string[]): Promise<void> {
    const container = await this.run(["from", "scratch"]);
    await this.run(["copy", container, folder, "/"]);
    await this.run(["config", ...env.flatMap((it) => ["--env", it]), container]);
    await this.run(["commit", "--rm", container, name]);
  }
}
