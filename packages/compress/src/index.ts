export type { CompressionFormat } from "./compression-format.ts";
export { CompressorStream, type CompressorStreamOptions } from "./compressor-stream.ts";
export { DecompressorStream, type DecompressorStreamOptions } from "./decompressor-stream.ts";
export type { CompressionEngine } from "./engine.ts";
export type { MalformedDataCode, MalformedDataError } from "./malformed-data.ts";
export { OutputTooLargeError } from "./output-too-large-error.ts";
export type { BytesChunk } from "./owned-pieces.ts";
