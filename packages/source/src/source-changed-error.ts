/** What is known about a source that changed. */
export interface SourceChange {
  /** Path of the file. */
  path?: string | undefined;
  /** Address, without user info and query. */
  url?: string | undefined;
  /** Fingerprint or size when the source was looked at. */
  expected: string;
  /** Fingerprint or size now, or what came in its place. */
  received: string;
  cause?: unknown;
}

/**
 * The bytes of a source are no longer those that it was made for: a file was truncated, appended to, written to,
 * replaced or removed, or a server has another version. What was read of it so far must not be used.
 */
export class SourceChangedError extends Error {
  override readonly name = "SourceChangedError";
  readonly code = "source-changed";
  readonly retryable = false;
  /** Path of the file, where it is one. */
  readonly path: string | undefined;
  /** Address, without user info and query, where there is one. */
  readonly url: string | undefined;
  /** Fingerprint or size when the source was looked at. */
  readonly expected: string;
  /** Fingerprint or size now, or what came in its place. */
  readonly received: string;

  constructor({ path, url, expected, received, cause }: SourceChange) {
    super(
      `Cannot read ${JSON.stringify(path ?? url ?? "the source")}: it changed since it was looked at (expected ${expected}, received ${received}). Make a new source of it and start over`,
      cause === undefined ? undefined : { cause },
    );
    this.path = path;
    this.url = url;
    this.expected = expected;
    this.received = received;
  }
}
