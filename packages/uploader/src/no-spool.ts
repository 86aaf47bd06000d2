import type { ByteSource } from "@sluice/source";

/** A copy of a source on disk. Closing it removes it. */
export type Spooled = ByteSource;

/** What stands in for `node/spool.ts` where there is no file system. */
export async function spoolSource(
  _source: ByteSource,
  _folder: string,
  _options: { readonly signal: AbortSignal },
): Promise<Spooled> {
  throw new TypeError('Cannot upload: "spool" needs a file system, as Node, Deno and Bun have; give the "size"');
}
