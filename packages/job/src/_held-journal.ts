import type { Entry, Journal, JournalWarning } from "@sluice/uploader";

/**
 * A journal that forgets nothing before its time: removals wait until `sent` is written down. A process that is gone
 * between the end of an upload and that entry would otherwise upload again; so the next one finds the upload, and asks the
 * target what became of it. They are dropped when `send` fails, for the same reason: of two uploads the first is done.
 */
export class HeldJournal implements Journal {
  /** Keys that are to be removed. */
  readonly removals: Set<string> = new Set();
  readonly setAside?: (key: string) => Promise<string | undefined>;
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
    if (journal.setAside) this.setAside = (key) => this.#unlessRemoved(key, async () => journal.setAside?.(key));
  }

  lock(key: string): Promise<AsyncDisposable> {
    return this.#journal.lock(key);
  }

  async read(key: string, warn?: (warning: JournalWarning) => void): Promise<Entry[]> {
    return (await this.#unlessRemoved(key, () => this.#journal.read(key, warn))) ?? [];
  }

  /** A record that begins anew takes the place of the one that was to be removed. */
  async append(key: string, entry: Entry): Promise<void> {
    if (this.removals.has(key)) await this.#journal.remove(key);
    this.removals.delete(key);
    await this.#journal.append(key, entry);
  }

  async remove(key: string): Promise<void> {
    this.removals.add(key);
  }

  async *list(): AsyncIterable<string> {
    for await (const key of this.#journal.list()) if (!this.removals.has(key)) yield key;
  }

  async #unlessRemoved<T>(key: string, work: () => Promise<T>): Promise<T | undefined> {
    return this.removals.has(key) ? undefined : work();
  }
}
