import "fake-indexeddb/auto";
import { afterEach, describe, expect, test } from "vitest";
import type { JournalWarning } from "../journal.ts";
import { journalLaws } from "../journal-laws.ts";
import { indexedDbJournal } from "./indexed-db-journal.ts";

const ENTRIES = [{ n: 1, text: "wörd" }, { n: 2 }, { n: 3 }];
const names = new WeakMap<object, string>();
let made = 0;
function newName(): string {
  made += 1;
  return `journal-${made}`;
}

function open(name = newName()): ReturnType<typeof indexedDbJournal> {
  const journal = indexedDbJournal(name);
  names.set(journal, name);
  return journal;
}

/** A database, as another library or an editor would reach it. */
function database(name: string, version?: number, upgrade = (_: IDBDatabase): void => {}): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => upgrade(request.result);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function change(name: string, work: (entries: IDBObjectStore) => void): Promise<void> {
  const opened = await database(name);
  const transaction = opened.transaction("entries", "readwrite");
  work(transaction.objectStore("entries"));
  await new Promise((resolve) => {
    transaction.oncomplete = resolve;
  });
  opened.close();
}

const hidden: [object, string, PropertyDescriptor][] = [];
function hide(object: object, name: string): void {
  hidden.push([object, name, Object.getOwnPropertyDescriptor(object, name) as PropertyDescriptor]);
  Object.defineProperty(object, name, { value: undefined, configurable: true });
}
afterEach(() => {
  for (const [object, name, descriptor] of hidden.splice(0)) Object.defineProperty(object, name, descriptor);
});

describe("indexedDbJournal", () => {
  for (const { name, check } of journalLaws(open, { reopen: (journal) => open(names.get(journal)) })) test(name, check);

  const row = { version: 1, json: "{}", seal: 0 };
  test.each<[string, JournalWarning["reason"], (entries: IDBObjectStore) => void]>([
    ["an entry that was edited", "damaged", (entries) => entries.put({ ...row, seal: 1 }, ["key", 1])],
    ["an entry lost in the middle", "damaged", (entries) => entries.delete(["key", 1])],
    ["an entry lost at the beginning", "damaged", (entries) => entries.delete(["key", 0])],
    ["an entry that was added", "damaged", (entries) => entries.add(row, ["key", 3])],
    ["an entry of a newer version", "newer", (entries) => entries.put({ ...row, version: 2 }, ["key", 0])],
    ["an entry of an older version", "older", (entries) => entries.put({ ...row, version: 0 }, ["key", 0])],
    ["someone's data", "foreign", (entries) => entries.put("Dear diary", ["key", 2])],
  ])("sets aside, with a warning: %s", async (_, reason, damage) => {
    const journal = open();
    const name = names.get(journal) as string;
    for (let round = 0; round < 2; round += 1) {
      for (const entry of ENTRIES) await journal.append("key", entry);
      await change(name, damage);
      const warnings: JournalWarning[] = [];
      expect(await journal.read("key", (warning) => void warnings.push(warning))).toEqual([]);
      expect(warnings).toMatchObject([{ reason, key: "key", at: expect.stringContaining(`${name}/aside/${reason}-`) }]);
      expect(await Array.fromAsync(journal.list())).toEqual([]);
    }
    const aside = (await database(name)).transaction("aside").objectStore("aside").getAll();
    await new Promise((resolve) => {
      aside.onsuccess = resolve;
    });
    expect(aside.result.map(({ key }) => key)).toEqual(["key", "key"]);
  });

  test("leaves alone what someone else has locked", async () => {
    const journal = open();
    const name = names.get(journal) as string;
    for (const entry of ENTRIES) await journal.append("key", entry);
    await change(name, (entries) => entries.delete(["key", 0]));
    await using _lock = await open(name).lock("key");
    const warnings: JournalWarning[] = [];
    expect(await journal.read("key", (warning) => void warnings.push(warning))).toEqual([]);
    expect(warnings[0]?.message).toMatch(/It could not be set aside: Cannot lock "key": it is in use/);
  });

  test("does not keep a database from being deleted, and begins anew after that", async () => {
    const journal = open();
    await journal.append("key", { n: 1 });
    await new Promise((resolve) => {
      indexedDB.deleteDatabase(names.get(journal) as string).onsuccess = resolve;
    });
    expect(await journal.read("key")).toEqual([]);
    await journal.append("key", { n: 2 });
    expect(await journal.read("key")).toEqual([{ n: 2 }]);
  });

  test("says so when there is another database of its name", async () => {
    (await database("theirs", 1, (made) => void made.createObjectStore("things"))).close();
    await expect(open("theirs").read("key")).rejects.toThrow(
      'Cannot open the journal "theirs": a database of this name is there already, and is no journal',
    );
    (await database("theirs newer", 7)).close();
    await expect(open("theirs newer").append("key", {})).rejects.toThrow('Cannot open the journal "theirs newer": ');
  });

  test("says so where there is no IndexedDB, or no Web Locks", async () => {
    const journal = open();
    hide(globalThis, "indexedDB");
    await expect(journal.read("key")).rejects.toThrow("there is no IndexedDB here");
    hide(globalThis, "navigator");
    await expect(journal.lock("key")).rejects.toThrow("there are no Web Locks here");
    expect(() => indexedDbJournal(1 as never)).toThrow('"name" must be a string, received number');
  });
});
