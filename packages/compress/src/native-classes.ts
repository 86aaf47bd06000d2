import { isWorkerd } from "./is-workerd.ts";

/**
 * The platform's classes, as they were when this module was loaded: whoever puts ours in their place must not get ours over
 * ours. Not workerd's `DecompressionStream`: it takes every write at once, read or not, so that 75 kB of a bomb stood as
 * 64 MiB inside (1.20261117), and gives nothing of what came before a fault.
 */
export const nativeClasses: {
  readonly CompressionStream: typeof CompressionStream | undefined;
  readonly DecompressionStream: typeof DecompressionStream | undefined;
} = {
  CompressionStream: globalThis.CompressionStream,
  DecompressionStream: isWorkerd() ? undefined : globalThis.DecompressionStream,
};

let strict: Promise<boolean> | undefined;

/** Whether the platform refuses data with something behind it; Node 22 does not. Asked once. */
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
