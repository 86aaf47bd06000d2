/**
 * Lets sockets, timers and aborts have their turn. A source whose bytes are all there is read from one microtask to the
 * next, and would keep them waiting until the memory is full: parts of 8 MiB were then in flight by five, each for five
 * times as long, and an upload of 2 GiB held 20 MiB more. Browsers have no `setImmediate`, and send on other threads; their
 * timers would take a second each in a page that nobody looks at.
 */
export async function turnOfOthers(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void };
  if (setImmediate) await new Promise<void>((resolve) => setImmediate(resolve));
}
