/**
 * A synchronous engine without streams: what a stage does to each chunk. It holds the state of one pass and is used once.
 *
 * @typeParam In What it takes. @typeParam Out What it emits.
 */
export interface Codec<In, Out> {
  /** Loads what must be loaded, such as WebAssembly; awaited before the first `transform`. */
  start?(): void | Promise<void>;
  /** Takes one chunk and emits any number. It neither changes the chunk nor keeps a view of it. */
  transform(chunk: In, emit: (chunk: Out) => void): void;
  /** Emits what is left when the input has ended. */
  flush?(emit: (chunk: Out) => void): void;
  /** Called once on abort, cancel or error, and never after `flush` has returned; releases what the codec holds. */
  cancel?(reason: unknown): void | Promise<void>;
}
