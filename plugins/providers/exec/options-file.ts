import { messageOf, ProviderError } from "../../../src/plugin-api/index.ts";
import { readSmallFile } from "../../shared/read-small-file.ts";

const maxBytes = 65_536;

/**
 * Reads NAME=VALUE lines; empty lines and lines beginning with `#` are skipped, a value may contain `=`.
 * Read at each call, so that a rotated password is used at once.
 *
 * @throws ProviderError (`ask-operator`) when the file cannot be read or a line is something else
 */
export async function readOptionsFile(path: string): Promise<Record<string, string>> {
  let text: string;
  try {
    text = await readSmallFile(path, maxBytes);
  } catch (error) {
    throw new ProviderError(`exec.options-file: reading ${path}: ${messageOf(error)}`, "ask-operator", {
      cause: error,
    });
  }
  return parseOptions(text, path);
}

/** @throws ProviderError (`ask-operator`) that names the line but not what stands there */
export function parseOptions(text: string, path: string): Record<string, string> {
  const options: Record<string, string> = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const at = line.indexOf("=");
    if (at < 1) throw new ProviderError(`exec.options-file: ${path}:${index + 1}: expected NAME=VALUE`, "ask-operator");
    options[line.slice(0, at).trim()] = line.slice(at + 1);
  }
  return options;
}
