import type { Journal } from "@sluice/uploader";

/** A journal whose process kills itself at a moment: one is before, and one after, each entry and each removal. */
export function mortalJournal(journal: Journal, moment: number): Journal {
  let left = moment;
  function maybeDie(): void {
    if (left === 0) process.kill(process.pid, "SIGKILL");
    left -= 1;
  }
  const within = async (work: () => Promise<void>): Promise<void> => {
    maybeDie();
    await work();
    maybeDie();
  };
  return {
    lock: (key) => journal.lock(key),
    read: (key, warn) => journal.read(key, warn),
    append: (key, entry) => within(() => journal.append(key, entry)),
    remove: (key) => within(() => journal.remove(key)),
    list: () => journal.list(),
    setAside: async (key) => journal.setAside?.(key),
  };
}
