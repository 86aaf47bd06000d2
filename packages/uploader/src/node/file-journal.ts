import { opendir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { checkKey } from "../_check-key.ts";
import { entryText } from "../_entry-text.ts";
import { KeyQueue } from "../_key-queue.ts";
import type { Entry, Journal, JournalWarning } from "../journal.ts";
import { LockedError } from "../locked-error.ts";
import { codeOf, folderError } from "./_file-error.ts";
import { acquireFileLock } from "./_file-lock.ts";
import { makeFolder } from "./_folder.ts";
import { JournalFile } from "./_journal-file.ts";
import { type Fault, fileNameOf } from "./_journal-text.ts";
import { keyIn } from "./_key-in.ts";

const JOURNAL = /^[\da-f]{40}\.journal$/;
/** Journals whose ends are remembered while nobody holds them. */
const REMEMBERED = 256;

/**
 * A journal in a folder, one file a key. The folder is made when it is first needed, and only its owner can read it.
 *
 * An entry is one line, written in one piece and put on the disk before `append` resolves. Each line is sealed to those
 * before it: a line that a crash cut off is dropped; a journal that was changed in any other way, or is not this
 * journal's own, is renamed, with the reason and the time at the end of its name, and warned of.
 *
 * A lock is a file that names its process, and holds for all processes that use the folder. A process that was killed
 * has lost it, in a container, too. What runs on another machine, or cannot be seen, is taken to run.
 *
 * @param folder its path, or a `file:` URL
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { fileJournal } from "@sluice/uploader/node";
 *
 * const folder = await mkdtemp(join(tmpdir(), "journal-"));
 * const journal = fileJournal(folder);
 * {
 *   await using _lock = await journal.lock("talk.mp4");
 *   await journal.append("talk.mp4", { part: 1 });
 * }
 * assert.deepEqual(await fileJournal(folder).read("talk.mp4"), [{ part: 1 }]);
 * await rm(folder, { recursive: true });
 * ```
 */
export function fileJournal(folder: string | URL): Journal {
  return new FileJournal(folderOf(folder));
}

class FileJournal implements Journal {
  readonly #folder: string;
  readonly #files = new Map<string, JournalFile>();
  /** Those whose locks this journal holds. */
  readonly #held = new Set<string>();
  readonly #queue = new KeyQueue();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async lock(key: string): Promise<AsyncDisposable> {
    return this.#inTurn("lock", key, async (file) => {
      const release = await this.#acquire(key, file);
      this.#held.add(key);
      let released: Promise<void> | undefined;
      const giveBack = async (): Promise<void> => {
        this.#held.delete(key);
        await file.close().finally(release);
      };
      return {
        [Symbol.asyncDispose]: () => {
          released ??= this.#inTurn("unlock", key, giveBack);
          return released;
        },
      };
    });
  }

  async read(key: string, warn: (warning: JournalWarning) => void = () => {}): Promise<Entry[]> {
    const warnings: JournalWarning[] = [];
    const entries = await this.#inTurn("read", key, async (file) => {
      const found = await file.look();
      if (found === undefined) return [];
      if ("reason" in found) {
        warnings.push(await this.#distrust(key, file, found));
        return [];
      }
      if (found.torn) {
        const message = `The last line of the journal ${file.path} was cut off, and is left out`;
        warnings.push({ reason: "torn", key, message });
      }
      return found.entries;
    });
    // Outside of the queue, so that the listener may use the journal.
    for (const warning of warnings) warn(warning);
    return entries;
  }

  async append(key: string, entry: Entry): Promise<void> {
    const text = entryText(entry);
    await this.#inTurn("append to", key, (file) => this.#locked(key, file, () => file.append(text)));
  }

  async remove(key: string): Promise<void> {
    await this.#inTurn("remove", key, async (file) => {
      if (await file.exists()) await this.#locked(key, file, () => file.remove());
    });
  }

  async setAside(key: string): Promise<string | undefined> {
    return this.#inTurn("set aside", key, async (file) => {
      if (!(await file.exists())) return undefined;
      return this.#locked(key, file, () => file.setAside("unclear"));
    });
  }

  async *list(): AsyncIterable<string> {
    try {
      for await (const { name } of await opendir(this.#folder)) {
        const key = JOURNAL.test(name) ? await keyIn(join(this.#folder, name)) : undefined;
        if (key !== undefined && name === `${fileNameOf(key)}.journal`) yield key;
      }
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw folderError("list", this.#folder, error);
    }
  }

  /** Moves what cannot be trusted out of the way, if this process may, and says what was done. Never throws. */
  async #distrust(key: string, file: JournalFile, { reason, detail }: Fault): Promise<JournalWarning> {
    const message = `The journal ${file.path} cannot be trusted: ${detail}`;
    try {
      return await this.#locked(key, file, async () => {
        // Again, now that nobody else writes.
        const found = await file.look();
        if (!found || !("reason" in found)) return { reason, key, message: `${message}. It has changed since` };
        const at = await file.setAside(reason);
        return { reason, key, at, message: `${message}. It was set aside as ${at}` };
      });
    } catch (error) {
      return { reason, key, message: `${message}. It could not be set aside: ${(error as Error).message}` };
    }
  }

  /** Does what changes a file while this journal holds its lock. */
  async #locked<T>(key: string, file: JournalFile, work: () => Promise<T>): Promise<T> {
    if (this.#held.has(key)) return work();
    const release = await this.#acquire(key, file);
    try {
      return await work();
    } finally {
      await file.close().finally(release);
    }
  }

  async #acquire(key: string, file: JournalFile): Promise<() => Promise<void>> {
    await makeFolder(this.#folder);
    return acquireFileLock(file.path.replace(/journal$/, "lock"), key);
  }

  /** Does one thing after the other with one file, and says in which folder what failed. */
  async #inTurn<T>(action: string, key: string, work: (file: JournalFile) => Promise<T>): Promise<T> {
    checkKey(key);
    try {
      const file = this.#fileOf(key);
      return await this.#queue.run(key, () => work(file));
    } catch (error) {
      throw error instanceof LockedError ? error : folderError(action, this.#folder, error);
    } finally {
      this.#forgetOldest();
    }
  }

  #fileOf(key: string): JournalFile {
    const file = this.#files.get(key) ?? new JournalFile(join(this.#folder, `${fileNameOf(key)}.journal`), key);
    // Those in use move to the end; the oldest are forgotten first.
    this.#files.delete(key);
    this.#files.set(key, file);
    return file;
  }

  #forgetOldest(): void {
    for (const key of this.#files.keys()) {
      if (this.#files.size <= REMEMBERED) return;
      if (!this.#held.has(key) && !this.#queue.isBusy(key)) this.#files.delete(key);
    }
  }
}

function folderOf(folder: string | URL): string {
  if (folder instanceof URL && folder.protocol === "file:") return fileURLToPath(folder);
  if (typeof folder === "string" && folder !== "") return resolve(folder);
  const received = folder instanceof URL ? `one of ${folder.protocol}` : folder === "" ? '""' : typeof folder;
  throw new TypeError(`Cannot make a fileJournal: "folder" must be a path or a file: URL, received ${received}`);
}
