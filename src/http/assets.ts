/** One file of the page, as it is sent. */
export interface Asset {
  readonly body: string | Uint8Array;
  /** As `text/css; charset=utf-8`. */
  readonly contentType: string;
  /** Of the content, quoted. Names stay the same from version to version, so browsers ask each time. */
  readonly etag: string;
}

/** Files by their whole path: `/` is the page, the others are `/assets/…`. */
export type Assets = ReadonlyMap<string, Asset>;

/** Whether If-None-Match names this version. */
export function isKnown(etag: string, ifNoneMatch: string | undefined): boolean {
  return (ifNoneMatch ?? "").split(",").some((it) => it.trim().replace(/^W\//, "") === etag);
}
