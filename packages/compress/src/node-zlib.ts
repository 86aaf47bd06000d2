import { isWorkerd } from "./is-workerd.ts";

/** As much of a `node:zlib` stream as is used; this package compiles without Node's types. */
export interface ZlibStream {
  /** Bytes of input that the engine has consumed. */
  readonly bytesWritten: number;
  /** Bytes of output that wait inside. */
  readonly readableLength: number;
  write(chunk: Uint8Array, taken: (error?: Error | null) => void): boolean;
  end(): void;
  pause(): unknown;
  resume(): unknown;
  on(event: "data", listener: (output: Uint8Array<ArrayBuffer>) => void): unknown;
  on(event: "error", listener: (error: Error & { code?: string }) => void): unknown;
  on(event: "end" | "close", listener: () => void): unknown;
  destroy(): void;
}

interface ZlibOptions {
  level?: number;
  dictionary?: Uint8Array;
  chunkSize: number;
  readableHighWaterMark: number;
}

type Create = (options: ZlibOptions) => ZlibStream;

export interface NodeZlib {
  readonly createGzip: Create;
  readonly createDeflate: Create;
  readonly createDeflateRaw: Create;
  readonly createInflateRaw: Create;
  crc32(bytes: Uint8Array, previous?: number): number;
}

/**
 * The runtime's `node:zlib`, looked up while running: no bundler sees an import of Node's, and without Node nothing is
 * loaded or polyfilled. Not workerd's: it runs on the same thread, and its inflater never answers to single bytes
 * (1.20261117).
 */
export function nodeZlib(): NodeZlib | undefined {
  if (isWorkerd()) return undefined;
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const zlib = process?.getBuiltinModule?.("node:zlib") as NodeZlib | undefined;
  return typeof zlib?.createInflateRaw === "function" && typeof zlib.crc32 === "function" ? zlib : undefined;
}
