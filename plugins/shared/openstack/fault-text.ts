import { oneLine } from "../process/one-line.ts";

const mostChars = 300;

/**
 * What a service says about a call that it refuses, in one line: Nova's and Cinder's `{itemNotFound: {message}}`,
 * Keystone's `{error: {message}}`, Heat's `{explanation, error: {message}}`, Magnum's `{errors: [{detail}]}`. Of any
 * other body its beginning, and the bare status where there is none.
 *
 * @param answer an answer of any status @param secrets texts to keep out
 */
export function faultText(
  answer: { readonly status: number; readonly body: unknown },
  secrets: readonly string[] = [],
): string {
  const { status, body } = answer;
  const words = wordsOf(body)
    .replace(/<style[\s\S]*?<\/style>|<\/?[a-z!][^>]*>/gi, " ")
    .trim();
  return words === "" ? `status ${status}` : `status ${status}: ${oneLine(words, mostChars, secrets)}`;
}

function wordsOf(body: unknown): string {
  if (typeof body === "string") return body;
  if (!isRecord(body)) return "";
  const [firstOfMany] = Array.isArray(body.errors) ? body.errors : [];
  if (isRecord(firstOfMany)) return textOf(firstOfMany, "detail", "title");
  if (isRecord(body.error)) return textOf(body.error, "message") || textOf(body, "explanation", "title");
  const [firstValue] = Object.values(body);
  if (isRecord(firstValue)) {
    const message = textOf(firstValue, "message");
    if (message !== "") return message;
  }
  return textOf(body, "message", "faultstring", "explanation", "title", "description") || JSON.stringify(body);
}

function textOf(record: Readonly<Record<string, unknown>>, ...keys: readonly string[]): string {
  for (const key of keys) {
    const value = record[key];
    if (typeof value === "string" && value !== "") return value;
  }
  return "";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
