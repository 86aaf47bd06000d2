/**
 * Lets sockets, timers and aborts have their turn. A source whose bytes are all there is read from one microtask to the
 * next, and would keep them waiting until the memory is full: parts of 8 MiB were then in flight by five, each for five
 * times as long, and an upload of 2 GiB held 20 MiB more.
 */
export function turnOfOthers(): Promise<void> {
  const { setImmediate = setTimeout } = globalThis as { setImmediate?: (callback: () => void) => void };
  return new Promise((resolve) => setImmediate(resolve));
}
