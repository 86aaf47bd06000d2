export { blobSource } from "./blob-source.ts";
export type { ByteRange, ByteSource, PourOptions, ReadOptions, SourceInfo, TakeChunk } from "./byte-source.ts";
export { bytesSource } from "./bytes-source.ts";
export { requestSource } from "./request-source.ts";
export { SizeMismatchError } from "./size-mismatch-error.ts";
export { type SourceChange, SourceChangedError } from "./source-changed-error.ts";
export { type StreamSourceOptions, streamSource } from "./stream-source.ts";
export { UrlError, type UrlErrorOptions } from "./url-error.ts";
export { type UrlSourceOptions, urlSource } from "./url-source.ts";
