/**
 * Text from a foreign program as one printable line of at most `maxChars` characters, each secret in it replaced by
 * `***`. Secrets shorter than four characters are left: replacing them would make every message unreadable.
 */
export function oneLine(text: string, maxChars = 200, secrets: readonly string[] = []): string {
  const longestFirst = secrets.filter((secret) => secret.length >= 4).sort((a, b) => b.length - a.length);
  const safe = longestFirst.reduce((line, secret) => line.replaceAll(secret, "***"), text);
  const printable = safe.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return printable.length <= maxChars ? printable : `${printable.slice(0, maxChars - 1)}…`;
}
