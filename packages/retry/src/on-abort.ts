/**
 * Calls back when `signal` is aborted, unless that was called off.
 *
 * A listener that was removed still points to the one that was added after it. Once V8 has moved such a listener to the old
 * generation, all that came after it passes for alive until the whole heap is collected: 2 kB of each request, of those
 * that overlapped on one signal, and 0.6 kB since next to nothing hangs on a listener that was removed.
 *
 * @returns what calls it off
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let wanted: (() => void) | undefined = callback;
  const listener = (): void => wanted?.();
  signal.addEventListener("abort", listener);
  return () => {
    wanted = undefined;
    signal.removeEventListener("abort", listener);
  };
}
