import fc from "fast-check";
import { aKey, anEntry, KEYS, NOT_JSON } from "./_journal-cases.ts";
import { expect, expectEntries, expectKeys, holds, rejection } from "./_journal-expect.ts";
import { journalLockLaws } from "./_journal-lock-laws.ts";
import type { Entry, Journal } from "./journal.ts";

/** What the laws may know of a journal under test. */
export interface JournalLawsOptions {
  /** The same journal once more, as another process would open it: it sees what the first one wrote and locked. */
  reopen?(journal: Journal): Journal | Promise<Journal>;
  /** Cases for each property. @default 25 */
  runs?: number;
}

/** One law, to be registered with any test runner. */
export interface Law {
  readonly name: string;
  check(): Promise<void>;
}

/**
 * What every journal owes whoever resumes from it, as a list of checks for any test runner. A failure prints the seed
 * and the shortest counterexample. What only a killed process or a damaged disk brings to light is for each journal's
 * own tests.
 *
 * @param create makes a journal that is empty and nobody else's
 *
 * @example
 * ```ts
 * import { test } from "node:test";
 * import { memoryJournal } from "@sluice/uploader";
 * import { journalLaws } from "@sluice/uploader/testing";
 *
 * for (const { name, check } of journalLaws(memoryJournal)) test(name, check);
 * ```
 */
export function journalLaws(
  create: () => Journal | Promise<Journal>,
  { reopen, runs = 25 }: JournalLawsOptions = {},
): Law[] {
  const again = async (journal: Journal): Promise<Journal> => (reopen ? await reopen(journal) : journal);
  return [
    {
      name: "gives back any entries of any key, in order",
      check: () =>
        holds(
          runs,
          fc.asyncProperty(aKey(), fc.array(anEntry(), { maxLength: 8 }), async (key, entries) => {
            const journal = await create();
            for (const entry of entries) await journal.append(key, entry);
            await expectEntries(await again(journal), key, entries);
            await expectKeys(await again(journal), entries.length > 0 ? [key] : []);
          }),
        ),
    },
    {
      name: "tells all keys apart, and lists them as they were given",
      async check() {
        const journal = await create();
        await Promise.all(KEYS.map((key, index) => journal.append(key, { index })));
        const other = await again(journal);
        for (const [index, key] of KEYS.entries()) await expectEntries(other, key, [{ index }]);
        await expectKeys(other, KEYS);
        const [removed = "", aside = "", ...rest] = KEYS;
        await journal.remove(removed);
        await journal.setAside?.(aside);
        await expectKeys(other, journal.setAside ? rest : [aside, ...rest]);
      },
    },
    {
      name: "keeps entries that are appended at once, in the order of the calls",
      async check() {
        const journal = await create();
        const entries = Array.from({ length: 50 }, (_, index) => ({ index }));
        await Promise.all(entries.map((entry) => journal.append("key", entry)));
        await expectEntries(await again(journal), "key", entries);
      },
    },
    {
      name: "keeps an entry of a mebibyte",
      async check() {
        const journal = await create();
        const entries = [{ text: "\u00fc".repeat(1 << 19) }, { text: "" }];
        for (const entry of entries) await journal.append("key", entry);
        await expectEntries(await again(journal), "key", entries);
      },
    },
    {
      name: "sees nothing of what is done to an entry afterwards",
      async check() {
        const journal = await create();
        const entry = { list: [1] };
        const appended = journal.append("key", entry);
        entry.list.push(2);
        await appended;
        const [read] = (await journal.read("key")) as [{ list: number[] }];
        read.list.push(3);
        await expectEntries(journal, "key", [{ list: [1] }]);
      },
    },
    {
      name: "refuses what is not plain JSON, says where, and goes on as before",
      async check() {
        const journal = await create();
        await journal.append("key", { first: true });
        for (const [entry, path] of NOT_JSON) {
          const error = await rejection(journal.append("key", entry() as Entry));
          const { message } = Object(error);
          expect(
            error instanceof TypeError && message.includes(`"${path}"`),
            `a TypeError that names ${path}`,
            message,
          );
        }
        await journal.append("key", { second: true, left: undefined });
        await expectEntries(await again(journal), "key", [{ first: true }, { second: true }]);
      },
    },
    {
      name: "refuses a key that is no string",
      async check() {
        const journal = await create();
        for (const key of [1, null, undefined, {}] as never[]) {
          for (const call of [
            () => journal.read(key),
            () => journal.append(key, {}),
            () => journal.lock(key),
            () => journal.remove(key),
          ]) {
            const error = await rejection(call());
            expect(error instanceof TypeError, "a TypeError", error);
          }
        }
      },
    },
    {
      name: "begins anew when a key was removed or set aside",
      async check() {
        const journal = await create();
        await journal.remove("key");
        await journal.setAside?.("key");
        const setAside = async (key: string): Promise<void> => void (await journal.setAside?.(key));
        for (const clear of [(key: string) => journal.remove(key), ...(journal.setAside ? [setAside] : [])]) {
          await journal.append("key", { before: true });
          await journal.append("other", {});
          await clear("key");
          await expectEntries(await again(journal), "key", []);
          await expectKeys(await again(journal), ["other"]);
          await journal.append("key", { after: true });
          await expectEntries(await again(journal), "key", [{ after: true }]);
          await journal.remove("key");
        }
      },
    },
    {
      name: "does what a list a key does, in any order of calls through two handles",
      check: () =>
        holds(
          runs,
          fc.asyncProperty(fc.array(aCall(), { maxLength: 30 }), async (calls) => {
            const model = new Map<string, unknown[]>();
            const first = await create();
            const handles = [first, await again(first)] as const;
            const pending: Promise<void>[] = [];
            let last = 0;
            for (const { does, key, entry, handle } of calls) {
              const journal = handles[handle];
              // Appends through one handle may overlap; everything else waits for them.
              if (does !== "append" || handle !== last) await Promise.all(pending.splice(0));
              last = handle;
              if (does === "append") pending.push(journal.append(key, entry));
              if (does === "append") model.set(key, [...(model.get(key) ?? []), entry]);
              if (does === "read") await expectEntries(journal, key, model.get(key) ?? []);
              if (does === "lock") await (await journal.lock(key))[Symbol.asyncDispose]();
              if (does === "remove") await journal.remove(key);
              if (does === "remove") model.delete(key);
            }
            await Promise.all(pending);
            await expectKeys(first, [...model.keys()]);
            for (const [key, entries] of model) await expectEntries(handles[1], key, entries);
          }),
        ),
    },
    ...journalLockLaws(create, again),
  ];
}

function aCall(): fc.Arbitrary<{ does: string; key: string; entry: Entry; handle: 0 | 1 }> {
  return fc.record({
    does: fc.constantFrom("append", "append", "append", "read", "remove", "lock"),
    key: fc.constantFrom("a", "b", "\ud800"),
    entry: anEntry(),
    handle: fc.constantFrom(0 as const, 1 as const),
  });
}
