import { expect, test } from "vitest";
import type { Entry, Journal } from "./journal.ts";
import { type JournalLawsOptions, journalLaws } from "./journal-laws.ts";
import { LockedError } from "./locked-error.ts";
import { memoryJournal } from "./memory-journal.ts";

for (const { name, check } of journalLaws(memoryJournal)) test(`memoryJournal ${name}`, check);

/** A journal that does a thing wrong. */
function faulty(wrong: (journal: Journal) => Partial<Journal>): Journal {
  const journal = memoryJournal();
  return { ...journal, ...wrong(journal) };
}

// The laws must be able to fail: each faulty journal breaks the one it is named after.
test.each<[string, (journal: Journal) => Partial<Journal>, JournalLawsOptions?]>([
  ["any entries", ({ read }) => ({ read: async (key) => (await read(key)).reverse() })],
  ["any entries", ({ read }) => ({ read: async (key) => (await read(key)).slice(0, 3) })],
  ["all keys apart", ({ append }) => ({ append: (key, entry) => append(key.trim(), entry) })],
  ["all keys apart", ({ append }) => ({ append: (key, entry) => append(key.toLowerCase(), entry) })],
  ["all keys apart", ({ append }) => ({ append: (key, entry) => append(key.toWellFormed(), entry) })],
  ["all keys apart", ({ append }) => ({ append: (key, entry) => append(key.normalize(), entry) })],
  ["all keys apart", ({ append }) => ({ append: (key, entry) => append(key.slice(0, 9_999), entry) })],
  ["all keys apart", () => ({ async *list() {} })],
  [
    "appended at once",
    ({ append }) => ({
      async append(key, entry) {
        if (Number(entry["index"]) % 2) await null;
        await append(key, entry);
      },
    }),
  ],
  ["mebibyte", ({ append }) => ({ append: async (key, entry) => void (entry["text"] || (await append(key, entry))) })],
  [
    "sees nothing",
    ({ append }) => ({
      async append(key, entry) {
        await null;
        await append(key, entry);
      },
    }),
  ],
  [
    "not plain JSON",
    ({ append }) => ({ append: (key, entry) => append(key, JSON.parse(JSON.stringify(entry)) as Entry) }),
  ],
  ["no string", () => ({ read: async () => [] })],
  ["begins anew", () => ({ remove: async () => {} })],
  ["begins anew", () => ({ setAside: async () => undefined })],
  ["one at a time", () => ({ lock: async () => ({ async [Symbol.asyncDispose]() {} }) })],
  ["one at a time", ({ lock }) => ({ lock: () => lock("all") })],
  ["exactly one", () => ({ lock: async () => ({ async [Symbol.asyncDispose]() {} }) })],
  [
    "exactly one",
    () => ({
      async lock(key) {
        throw new LockedError(key);
      },
    }),
  ],
  ["given back", ({ lock }) => ({ lock: async (key) => ({ ...(await lock(key)), async [Symbol.asyncDispose]() {} }) })],
  [
    "holds the lock",
    ({ lock, append }) => {
      const held = new Set<string>();
      return {
        lock(key) {
          held.add(key);
          return lock(key);
        },
        append: (key, entry) => (held.has(key) ? Promise.reject(new LockedError(key)) : append(key, entry)),
      };
    },
  ],
  ["keeps others", () => ({}), { reopen: (journal) => ({ ...journal }) }],
  ["in any order", ({ read }) => ({ read: async (key) => (key === "b" ? [] : read(key)) })],
])("journalLaws finds a journal that breaks: %s (%#)", async (name, wrong, options) => {
  const laws = journalLaws(() => faulty(wrong), options).filter((law) => law.name.includes(name));
  expect(laws.length).toBe(1);
  await expect(laws[0]?.check()).rejects.toThrow(/The journal should|LockedError|Cannot lock/);
});
