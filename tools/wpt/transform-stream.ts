// `transformPair` in place of the platform's TransformStream.
import { transformPair } from "@sluice/streams";

export function install(): void {
  class TransformStream {
    readonly #pair: ReturnType<typeof transformPair>;
    constructor(...[transformer, writableStrategy, readableStrategy]: Parameters<typeof transformPair>) {
      this.#pair = transformPair(transformer, writableStrategy, readableStrategy);
    }
    get readable(): ReadableStream {
      return this.#pair.readable;
    }
    get writable(): WritableStream {
      return this.#pair.writable;
    }
  }
  Object.defineProperty(globalThis, "TransformStream", { value: TransformStream, writable: true, configurable: true });
}

export const expectedFailures = {
  "streams/transform-streams/patched-global.any.js: TransformStream should use the original value of ReadableStream and WritableStream":
    "the constructors come from globalThis at the call, so that a polyfill installed late is used",
};
