/**
 * What `work` comes to, or at once the signal's reason; what comes later is ignored.
 *
 * @param work Given no reason to end by itself: it may not listen to the signal.
 */
export function untilAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const cut = () => reject(signal.reason);
    if (signal.aborted) return cut();
    signal.addEventListener("abort", cut);
    // Async, for work that throws before it returns its promise.
    (async () => work())()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", cut));
  });
}
