import { posix } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type PageAssets, readPageAssets } from "../../../src/app/page-assets.ts";

let assets: PageAssets;
const textOf = (path: string) => String(assets.get(path)?.body ?? "");
const scripts = () => [...assets].filter(([, { contentType }]) => contentType.startsWith("text/javascript"));

beforeAll(async () => {
  assets = await readPageAssets();
});

describe("the status page", () => {
  test("loads nothing from elsewhere", () => {
    const namespace = "http://www.w3.org/2000/svg";
    const foreign = [...assets].flatMap(([path, { body }]) =>
      [
        ...withoutComments(String(body))
          .replaceAll(namespace, "")
          .matchAll(/(https?:)?\/\/[a-z0-9.-]+\.[a-z]{2,}/gi),
      ].map(([url]) => `${path}: ${url}`),
    );
    expect(foreign).toEqual([]);
  });

  test("has neither inline scripts nor inline styles, which its policy forbids", () => {
    expect(textOf("/")).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/i);
  });

  test("what the page names is there, and every module that a module imports", () => {
    const named = [...textOf("/").matchAll(/(?:href|src)="(assets\/[^"]+)"/g)].map(([, path]) => `/${path}`);
    const imported = scripts().flatMap(([path, { body }]) =>
      [...String(body).matchAll(/(?:from|import) "(\.[^"]+)"/g)].map(([, to = ""]) =>
        posix.join(posix.dirname(path), to),
      ),
    );
    const styles = [...textOf("/assets/page.css").matchAll(/@import "\.\/([^"]+)"/g)].map(
      ([, name]) => `/assets/${name}`,
    );
    expect(named.length).toBeGreaterThan(2);
    expect(imported.length).toBeGreaterThan(30);
    expect(styles.length).toBeGreaterThan(3);
    expect([...named, ...imported, ...styles].filter((path) => !assets.has(path))).toEqual([]);
  });

  test("never makes HTML of text, and keeps nothing in the browser", () => {
    const forbidden =
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|localStorage|sessionStorage|indexedDB|document\.cookie/;
    expect(
      scripts()
        .filter(([, { body }]) => forbidden.test(String(body)))
        .map(([path]) => path),
    ).toEqual([]);
  });

  test("the tag of a file is that of its content", async () => {
    const again = await readPageAssets();
    expect([...again].map(([path, { etag }]) => [path, etag])).toEqual(
      [...assets].map(([path, { etag }]) => [path, etag]),
    );
    expect(new Set([...assets.values()].map(({ etag }) => etag)).size).toBe(assets.size);
  });
});

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "");
}
