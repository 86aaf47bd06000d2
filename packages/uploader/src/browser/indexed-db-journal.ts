import { checkKey } from "../_check-key.ts";
import { entryText } from "../_entry-text.ts";
import { KeyQueue } from "../_key-queue.ts";
import type { Entry, Journal, JournalWarning } from "../journal.ts";
import { Database } from "./_database.ts";
import { committed, resultOf } from "./_request.ts";
import { type Fault, type Row, readRows, sealedRow } from "./_rows.ts";
import { acquireWebLock } from "./_web-lock.ts";

/**
 * A journal in the browser's database, for the pages and workers of one origin.
 *
 * An entry is one transaction of strict durability. Locks are Web Locks: they are gone with the page or the worker that
 * held them. What cannot be trusted is moved to a store of its own in the same database.
 *
 * @param name of the database, which is made when it is first needed
 * @throws {TypeError} from each call, where the browser has no IndexedDB or no Web Locks.
 */
export function indexedDbJournal(name: string): Journal {
  if (typeof name !== "string") {
    throw new TypeError(`Cannot make an indexedDbJournal: "name" must be a string, received ${typeof name}`);
  }
  return new IndexedDbJournal(name);
}

class IndexedDbJournal implements Journal {
  readonly #name: string;
  readonly #database: Database;
  readonly #queue = new KeyQueue();
  /** Those whose locks this journal holds. */
  readonly #held = new Set<string>();

  constructor(name: string) {
    this.#name = name;
    this.#database = new Database(name);
  }

  async lock(key: string): Promise<AsyncDisposable> {
    return this.#inTurn(key, async () => {
      const lock = await acquireWebLock(this.#name, key);
      this.#held.add(key);
      let released: Promise<void> | undefined;
      const release = async (): Promise<void> => {
        this.#held.delete(key);
        await lock[Symbol.asyncDispose]();
      };
      return {
        [Symbol.asyncDispose]: () => {
          released ??= this.#inTurn(key, release);
          return released;
        },
      };
    });
  }

  async read(key: string, warn: (warning: JournalWarning) => void = () => {}): Promise<Entry[]> {
    const found = await this.#inTurn(key, async () => {
      const { entries } = await this.#database.read();
      const found = readRows(key, await resultOf(entries.getAll(rangeOf(key))));
      return Array.isArray(found) ? found : this.#distrust(key, found);
    });
    if (Array.isArray(found)) return found;
    // Outside of the queue, so that the listener may use the journal.
    warn(found);
    return [];
  }

  async append(key: string, entry: Entry): Promise<void> {
    const json = entryText(entry);
    await this.#inTurn(key, () =>
      this.#change(key, ({ entries }) => {
        // From callback to callback: a promise in between would let the transaction end.
        const last = entries.openCursor(rangeOf(key), "prev");
        last.onsuccess = () => {
          const [, index] = (last.result?.key ?? [key, -1]) as [string, number];
          entries.add(sealedRow(key, last.result?.value as Row | undefined, json), [key, index + 1]);
        };
      }),
    );
  }

  async remove(key: string): Promise<void> {
    await this.#inTurn(key, () => this.#change(key, ({ entries }) => void entries.delete(rangeOf(key))));
  }

  async setAside(key: string): Promise<string | undefined> {
    return this.#inTurn(key, () => this.#moveAside(key, "unclear"));
  }

  async *list(): AsyncIterable<string> {
    // A cursor would die while the caller waits between two keys, so each step asks anew for the next one.
    let next: IDBKeyRange | undefined;
    for (;;) {
      const { entries } = await this.#database.read();
      const cursor = await resultOf(entries.openKeyCursor(next));
      if (!cursor) return;
      const [key] = cursor.key as [string, number];
      yield key;
      next = IDBKeyRange.lowerBound([key, Number.POSITIVE_INFINITY], true);
    }
  }

  /** Moves what cannot be trusted out of the way, if nobody has the lock, and says what was done. Never throws. */
  async #distrust(key: string, { reason, detail }: Fault): Promise<JournalWarning> {
    const message = `The journal of a key in the database "${this.#name}" cannot be trusted: ${detail}`;
    try {
      const at = await this.#moveAside(key, reason, (rows) => !Array.isArray(readRows(key, rows)));
      if (at === undefined) return { reason, key, message: `${message}. It is gone since` };
      return { reason, key, at, message: `${message}. It was set aside as ${at}` };
    } catch (error) {
      return { reason, key, message: `${message}. It could not be set aside: ${(error as Error).message}` };
    }
  }

  /** Moves all rows of a key in one transaction, if they still are what they were taken for. */
  async #moveAside(
    key: string,
    why: string,
    still: (rows: Row[]) => boolean = () => true,
  ): Promise<string | undefined> {
    const id = `${why}-${new Date().toISOString()}-${crypto.randomUUID().slice(0, 8)}`;
    let at: string | undefined;
    await this.#change(key, ({ entries, aside }) => {
      const all = entries.getAll(rangeOf(key));
      all.onsuccess = () => {
        if (all.result.length === 0 || !still(all.result)) return;
        at = `${this.#name}/aside/${id}`;
        aside.add({ key, rows: all.result }, id);
        entries.delete(rangeOf(key));
      };
    });
    return at;
  }

  /** Changes entries in one transaction, while this journal holds their lock. */
  async #change(
    key: string,
    work: (stores: { entries: IDBObjectStore; aside: IDBObjectStore }) => void,
  ): Promise<void> {
    const lock = this.#held.has(key) ? undefined : await acquireWebLock(this.#name, key);
    try {
      const { transaction, ...stores } = await this.#database.write();
      const done = committed(transaction);
      work(stores);
      await done;
    } finally {
      await lock?.[Symbol.asyncDispose]();
    }
  }

  async #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    checkKey(key);
    return this.#queue.run(key, work);
  }
}

/** All rows of a key: they are numbered from 0. */
function rangeOf(key: string): IDBKeyRange {
  return IDBKeyRange.bound([key, 0], [key, Number.POSITIVE_INFINITY]);
}
