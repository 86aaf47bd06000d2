import { checkKey } from "./_check-key.ts";
import { entryText } from "./_entry-text.ts";
import type { Entry, Journal } from "./journal.ts";
import { LockedError } from "./locked-error.ts";

/**
 * A journal in memory: for tests, and for work that may be taken up again while the process lives. Entries are kept as
 * JSON text, so that what is done to them afterwards is not seen.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { memoryJournal } from "@sluice/uploader";
 *
 * const journal = memoryJournal();
 * await using _lock = await journal.lock("talk.mp4");
 * await journal.append("talk.mp4", { part: 1 });
 * assert.deepEqual(await journal.read("talk.mp4"), [{ part: 1 }]);
 * ```
 */
export function memoryJournal(): Journal {
  const texts = new Map<string, string[]>();
  const locked = new Set<string>();
  const remove = async (key: string): Promise<void> => {
    checkKey(key);
    texts.delete(key);
  };
  return {
    async lock(key) {
      checkKey(key);
      if (locked.has(key)) throw new LockedError(key);
      locked.add(key);
      let held = true;
      return {
        async [Symbol.asyncDispose]() {
          if (held) locked.delete(key);
          held = false;
        },
      };
    },
    async read(key) {
      checkKey(key);
      return (texts.get(key) ?? []).map((text) => JSON.parse(text) as Entry);
    },
    async append(key, entry) {
      checkKey(key);
      const text = entryText(entry);
      const list = texts.get(key);
      if (list) list.push(text);
      else texts.set(key, [text]);
    },
    remove,
    async *list() {
      yield* [...texts.keys()];
    },
    async setAside(key) {
      await remove(key);
      return undefined;
    },
  };
}
