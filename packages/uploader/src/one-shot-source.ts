import type { ByteSource } from "@sluice/source";

/** A stream as a source that can be read once. It is the caller's: closing leaves it alone. */
export function oneShotSource(
  stream: ReadableStream<Uint8Array>,
  { size, name, type }: Pick<ByteSource, "size" | "name" | "type">,
): ByteSource {
  const close = async () => {};
  return {
    size,
    name,
    type,
    replayable: false,
    fingerprint: undefined,
    stream: () => stream as ReadableStream<Uint8Array<ArrayBuffer>>,
    close,
    [Symbol.asyncDispose]: close,
  };
}
