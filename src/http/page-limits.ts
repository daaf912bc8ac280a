/** Bounds of the page's server. */
export interface PageLimits {
  readonly maxHeaderBytes: number;
  readonly maxBodyBytes: number;
  readonly maxPathLength: number;
  readonly maxConnections: number;
  readonly maxStreams: number;
  /** With TLS: from the TCP connection to the end of the handshake. */
  readonly handshakeTimeoutMs: number;
  /** For all headers, and for the whole request; slower ones get 408. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** How often the files of the certificate are looked at. */
  readonly certificateLookMs: number;
  /** A connection on which nothing moves. */
  readonly idleTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** A page that does not take what was sent for this long is dropped. */
  readonly slowReaderMs: number;
  /** A stream ends after this, so that whoever opened it is asked anew who he is. */
  readonly longestStreamMs: number;
}

export const pageLimits: PageLimits = {
  maxHeaderBytes: 16_384,
  maxBodyBytes: 16_384,
  maxPathLength: 1_024,
  maxConnections: 128,
  maxStreams: 32,
  handshakeTimeoutMs: 5_000,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  certificateLookMs: 10_000,
  idleTimeoutMs: 60_000,
  keepAliveTimeoutMs: 5_000,
  slowReaderMs: 10_000,
  longestStreamMs: 15 * 60_000,
};
