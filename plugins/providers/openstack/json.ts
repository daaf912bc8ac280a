/** A JSON object whose fields are not known yet. */
export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object below a name, as `server` in `{"server": {…}}`; undefined when there is none. */
export function recordIn(value: unknown, key: string): JsonRecord | undefined {
  const inner = isRecord(value) ? value[key] : undefined;
  return isRecord(inner) ? inner : undefined;
}

/** The objects of the list below a name; undefined when there is no list. */
export function recordsIn(value: unknown, key: string): readonly JsonRecord[] | undefined {
  const list = isRecord(value) ? value[key] : undefined;
  return Array.isArray(list) ? list.filter(isRecord) : undefined;
}

/** A text that is not empty. */
export function textIn(record: JsonRecord | undefined, key: string): string | undefined {
  const value = record?.[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Names and values, both texts; anything else is left out. */
export function textsIn(record: JsonRecord, key: string): Readonly<Record<string, string>> {
  const inner = record[key];
  if (!isRecord(inner)) return {};
  return Object.fromEntries(
    Object.entries(inner).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
