/** A `fetch` for downloads. */
export interface DownloadFetch {
  readonly fetch: typeof globalThis.fetch;
  /** Whether its chunks are the reader's alone, who may detach them. */
  readonly release: boolean;
  close(): Promise<void>;
}

/** What stands in for `node/download-fetch.ts` elsewhere: the platform's own is the way. */
export function downloadFetch(): DownloadFetch | undefined {
  return undefined;
}
