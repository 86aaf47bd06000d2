/** A line of a journal: plain JSON. */
export type Entry = { readonly [key: string]: unknown };

/** Something in a journal that could not be trusted, and so was not. */
export interface JournalWarning {
  /**
   * `torn`: the last line was cut off, as a crash while it was written leaves it; the lines before it hold.
   * `damaged`: changed since it was written. `newer`, `older`: of another version of the format. `foreign`: not written
   * by this journal for this key. After all but `torn` the journal reads as empty.
   */
  readonly reason: "torn" | "damaged" | "newer" | "older" | "foreign";
  readonly key: string;
  /** What was found, where, and what became of it. */
  readonly message: string;
  /** Where what was set aside lies now. */
  readonly at?: string;
}

/**
 * A place where work in progress is written down, a list of entries a key, so that it can be taken up after a crash.
 *
 * Keys are any strings, and are told apart exactly. An entry that was appended is there after a crash; the one that was
 * being appended is there whole, or not at all.
 */
export interface Journal {
  /**
   * Keeps everyone else from the key until it is disposed; what a process held is free when it is gone.
   *
   * @throws {LockedError} when it is held, by another process or by this one.
   */
  lock(key: string): Promise<AsyncDisposable>;
  /**
   * The entries, in the order in which they were appended; none where there are none.
   *
   * @param warn is told what could not be trusted. That is never fatal: it is set aside, and the journal begins anew.
   */
  read(key: string, warn?: (warning: JournalWarning) => void): Promise<Entry[]>;
  /**
   * Adds an entry, which is durable when this resolves, at a cost that does not grow with how many there are.
   *
   * @throws {TypeError} for an entry that is not plain JSON. {LockedError} when another process holds the key.
   */
  append(key: string, entry: Entry): Promise<void>;
  /** Forgets all entries of the key. */
  remove(key: string): Promise<void>;
  /** The keys that have entries, as they were given, in no particular order. */
  list(): AsyncIterable<string>;
  /**
   * Puts entries out of the way that the caller cannot make sense of, as evidence.
   *
   * @returns where they lie now; undefined where there were none, or nothing is kept.
   */
  setAside?(key: string): Promise<string | undefined>;
}
