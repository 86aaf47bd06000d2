import { LockedError } from "../locked-error.ts";

/** Takes a Web Lock, or rejects where someone has it: it is never waited for. */
export async function acquireWebLock(journal: string, key: string): Promise<AsyncDisposable> {
  const locks = globalThis.navigator?.locks;
  if (!locks) {
    throw new TypeError(
      `Cannot lock the journal "${journal}": there are no Web Locks here (a page must be served securely)`,
    );
  }
  const granted = Promise.withResolvers<boolean>();
  const released = Promise.withResolvers<void>();
  // JSON keeps apart what a lone surrogate would not.
  const name = `sluice-journal ${JSON.stringify([journal, key])}`;
  const held = locks.request(name, { ifAvailable: true }, (lock) => {
    granted.resolve(lock !== null);
    return lock ? released.promise : undefined;
  });
  held.catch(granted.reject);
  if (!(await granted.promise)) throw new LockedError(key);
  return {
    async [Symbol.asyncDispose]() {
      released.resolve();
      await held;
    },
  };
}
