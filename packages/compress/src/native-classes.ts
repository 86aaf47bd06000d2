/**
 * The platform's classes, as they were when this module was loaded: whoever puts ours in their place must not get ours over
 * ours.
 */
export const nativeClasses: {
  readonly CompressionStream: typeof CompressionStream | undefined;
  readonly DecompressionStream: typeof DecompressionStream | undefined;
} = {
  CompressionStream: globalThis.CompressionStream,
  DecompressionStream: globalThis.DecompressionStream,
};

let strict: Promise<boolean> | undefined;

/** Whether the platform refuses data with something behind it; Node 22 and older workerd do not. Asked once. */
export function nativeIsStrict(Native: typeof DecompressionStream): Promise<boolean> {
  strict ??= (async () => {
    const { readable, writable } = new Native("deflate-raw");
    const writer = writable.getWriter();
    writer.closed.catch(() => {});
    // An empty block, the last one, and a byte.
    const writes = [writer.write(Uint8Array.of(3, 0, 0)), writer.close()];
    const settled = Promise.allSettled(writes);
    const read = await readable
      .getReader()
      .read()
      .then(
        () => true,
        () => false,
      );
    return !read || (await settled).some(({ status }) => status === "rejected");
  })();
  return strict;
}
