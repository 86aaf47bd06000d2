import { KEYS } from "./_journal-cases.ts";
import { expect, expectEntries, expectKeys, expectLocked, rejection } from "./_journal-expect.ts";
import type { Journal } from "./journal.ts";
import type { Law } from "./journal-laws.ts";

/** What a journal owes those who keep each other from a key. */
export function journalLockLaws(
  create: () => Journal | Promise<Journal>,
  again: (journal: Journal) => Promise<Journal>,
): Law[] {
  return [
    {
      name: "locks a key for one at a time, and no other key",
      async check() {
        const journal = await create();
        for (const key of KEYS.slice(0, 8)) {
          const lock = await journal.lock(key);
          for (const other of [journal, await again(journal)]) expectLocked(await rejection(other.lock(key)), key);
          await (await journal.lock("another"))[Symbol.asyncDispose]();
          await lock[Symbol.asyncDispose]();
        }
      },
    },
    {
      name: "lets exactly one of many have the lock",
      async check() {
        const journal = await create();
        const others = await Promise.all(Array.from({ length: 8 }, () => again(journal)));
        const tries = await Promise.allSettled(others.map((other) => other.lock("key")));
        const won = tries.filter(({ status }) => status === "fulfilled");
        expect(won.length === 1, "one that got the lock", won.length);
        for (const result of tries) if (result.status === "rejected") expectLocked(result.reason, "key");
      },
    },
    {
      name: "frees a lock that was given back, and that one alone",
      async check() {
        const journal = await create();
        const first = await journal.lock("key");
        await Promise.all([first[Symbol.asyncDispose](), first[Symbol.asyncDispose]()]);
        const second = await (await again(journal)).lock("key");
        await first[Symbol.asyncDispose]();
        expectLocked(await rejection(journal.lock("key")), "key");
        await second[Symbol.asyncDispose]();
        await (await journal.lock("key"))[Symbol.asyncDispose]();
      },
    },
    {
      name: "works as ever for whoever holds the lock",
      async check() {
        const journal = await create();
        await holding(journal, async () => {
          await expectKeys(journal, []);
          await journal.append("key", { n: 1 });
          await journal.append("key", { n: 2 });
          await expectEntries(journal, "key", [{ n: 1 }, { n: 2 }]);
          await journal.remove("key");
          await journal.append("key", { n: 3 });
          await expectEntries(await again(journal), "key", [{ n: 3 }]);
        });
        await journal.append("key", { n: 4 });
        await expectEntries(await again(journal), "key", [{ n: 3 }, { n: 4 }]);
      },
    },
    {
      name: "keeps others from changing what is locked, and lets them read",
      async check() {
        const journal = await create();
        const other = await again(journal);
        // Where there is only one handle, it is the holder's.
        if (other === journal) return;
        await holding(journal, async () => {
          await journal.append("key", { n: 1 });
          expectLocked(await rejection(other.append("key", { n: 2 })), "key");
          expectLocked(await rejection(other.remove("key")), "key");
          await expectEntries(other, "key", [{ n: 1 }]);
          await expectKeys(other, ["key"]);
        });
      },
    },
  ];
}

async function holding(journal: Journal, work: () => Promise<void>): Promise<void> {
  const lock = await journal.lock("key");
  try {
    await work();
  } finally {
    await lock[Symbol.asyncDispose]();
  }
}
