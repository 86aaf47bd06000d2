/** The constructors of one implementation of the Streams standard: the platform's, or a polyfill's. */
export interface StreamFamily {
  readonly ReadableStream: new (...args: never[]) => object;
  readonly WritableStream: new (...args: never[]) => object;
}

/** What every stage's options contain. */
export interface StreamsOption {
  /**
   * Whose stream constructors to use; a module such as `web-streams-polyfill` will do.
   * @default globalThis
   */
  streams?: StreamFamily | undefined;
}

/** What a stage is: the two ends of a pipe's segment, as `pipeThrough` takes them. */
export interface StreamPair<In, Out> {
  readonly readable: ReadableStream<Out>;
  readonly writable: WritableStream<In>;
}

/** The same constructors with the types that TypeScript's web library gives them. */
interface Constructors {
  readonly ReadableStream: typeof ReadableStream;
  readonly WritableStream: typeof WritableStream;
}

/**
 * Resolves the `streams` option at the call, so that a polyfill installed after this module loaded still counts.
 * @throws {TypeError} when a constructor is missing.
 */
export function constructorsOf(streams: StreamFamily = globalThis): Constructors {
  for (const name of ["ReadableStream", "WritableStream"] as const) {
    if (typeof streams?.[name] !== "function") {
      throw new TypeError(
        `Cannot make a stream: "streams" must have a ${name} constructor, received ${streams === null ? "null" : typeof streams?.[name]}`,
      );
    }
  }
  // Every family that implements the standard has these constructors; only its declarations differ.
  return streams as unknown as Constructors;
}
