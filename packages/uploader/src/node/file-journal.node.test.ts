import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { startWorker, temporaryFolder } from "../../test-support/journal-process.ts";
import type { Journal } from "../journal.ts";
import { journalLaws } from "../journal-laws.ts";
import { fileJournal } from "./file-journal.ts";

const trash: Disposable[] = [];
afterEach(() => {
  for (const item of trash.splice(0)) item[Symbol.dispose]();
});

function newFolder(): string {
  const folder = temporaryFolder();
  trash.push(folder);
  return folder.path;
}

const modeOf = (path: string): number => statSync(path).mode & 0o777;
const onlyFile = (folder: string): string => join(folder, readdirSync(folder)[0] as string);
const descriptors = (): number => (existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0);

describe("fileJournal", () => {
  const folders = new Map<Journal, string>();
  const open = (folder: string): Journal => {
    const journal = fileJournal(folder);
    folders.set(journal, folder);
    return journal;
  };
  const laws = journalLaws(() => open(join(newFolder(), "a", "b")), {
    reopen: (journal) => open(folders.get(journal) as string),
    runs: 15,
  });
  for (const { name, check } of laws) test(name, check);

  test("makes its folder for its owner alone, when there is something to keep", async () => {
    const folder = join(newFolder(), "a", "b");
    const journal = fileJournal(folder);
    expect(await journal.read("key")).toEqual([]);
    expect(await Array.fromAsync(journal.list())).toEqual([]);
    await journal.remove("key");
    expect(await journal.setAside?.("key")).toBeUndefined();
    expect(existsSync(folder)).toBe(false);
    await journal.append("key", { n: 1 });
    expect([modeOf(folder), modeOf(join(folder, "..")), modeOf(onlyFile(folder))]).toEqual([0o700, 0o700, 0o600]);
  });

  test("takes a file: URL, and a path that is relative to where the process stood", async () => {
    const folder = newFolder();
    const stood = process.cwd();
    await fileJournal(pathToFileURL(folder)).append("key", { n: 1 });
    expect(await fileJournal(folder).read("key")).toEqual([{ n: 1 }]);
    expect(readdirSync(folder).length).toBe(1);
    expect(process.cwd()).toBe(stood);
  });

  test.each<[unknown, string]>([
    ["", 'received ""'],
    [undefined, "received undefined"],
    [new URL("https://example.test/"), "received one of https:"],
  ])("refuses the folder %s", (folder, message) => {
    expect(() => fileJournal(folder as string)).toThrow(
      `Cannot make a fileJournal: "folder" must be a path or a file: URL, ${message}`,
    );
  });

  test("keeps no descriptor and leaves no file when all is given back", async () => {
    const folder = newFolder();
    const journal = fileJournal(folder);
    await journal.append("warm", {});
    await journal.remove("warm");
    const before = descriptors();
    for (let index = 0; index < 20; index += 1) {
      await using _lock = await journal.lock(`key ${index}`);
      await journal.append(`key ${index}`, { index });
      await journal.append(`key ${index}`, { index });
      await journal.remove(`key ${index}`);
    }
    expect(descriptors()).toBe(before);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("sees what another handle did between two appends, and goes on after it", async () => {
    const folder = newFolder();
    const [one, two] = [fileJournal(folder), fileJournal(folder)];
    for (let n = 0; n < 6; n += 1) await (n % 2 ? one : two).append("key", { n });
    await two.remove("key");
    await one.append("key", { n: 6 });
    expect(await two.read("key")).toEqual([{ n: 6 }]);
  });

  test("says so when its file is removed or changed beneath it, and does not pretend to have kept anything", async () => {
    const folder = newFolder();
    const journal = fileJournal(folder);
    await using _lock = await journal.lock("key");
    await journal.append("key", { n: 1 });
    const file = join(folder, readdirSync(folder).find((name) => name.endsWith(".journal")) as string);
    rmSync(file);
    await expect(journal.append("key", { n: 2 })).rejects.toThrow("its file was changed or removed by someone else");
    await journal.append("key", { n: 3 });
    truncateSync(file, statSync(file).size - 1);
    await expect(journal.append("key", { n: 4 })).rejects.toThrow("its file was changed or removed by someone else");
    await journal.append("key", { n: 5 });
    expect(await journal.read("key")).toEqual([{ n: 5 }]);
  });

  test("makes a file that others could read its owner's again", async () => {
    const folder = newFolder();
    await fileJournal(folder).append("key", { n: 1 });
    chmodSync(onlyFile(folder), 0o644);
    await fileJournal(folder).append("key", { n: 2 });
    expect(modeOf(onlyFile(folder))).toBe(0o600);
    expect(await fileJournal(folder).read("key")).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test("lists nothing but journals under their own names", async () => {
    const folder = newFolder();
    const journal = fileJournal(folder);
    await journal.append("key", { n: 1 });
    const name = readdirSync(folder)[0] as string;
    mkdirSync(join(folder, `${"0".repeat(40)}.journal`));
    writeFileSync(join(folder, `${"1".repeat(40)}.journal`), "no journal\n");
    writeFileSync(join(folder, "notes.txt"), "mine");
    renameSync(join(folder, name), join(folder, `${"2".repeat(40)}.journal`));
    await journal.append("other", { n: 1 });
    expect(await Array.fromAsync(journal.list())).toEqual(["other"]);
  });

  test("says which folder could not be used, and why", async () => {
    const file = join(newFolder(), "file");
    writeFileSync(file, "");
    await expect(fileJournal(file).append("key", {})).rejects.toMatchObject({
      message: `Cannot append to the journal in ${JSON.stringify(file)}: it is no folder (EEXIST)`,
      code: "EEXIST",
      path: file,
    });
    await expect(fileJournal(join(file, "below")).lock("key")).rejects.toThrow(
      "a part of the path is no folder (ENOTDIR)",
    );
  });

  test("says that it may not write, and leaves nothing", async () => {
    const folder = newFolder();
    chmodSync(folder, 0o555);
    const { output } = startWorker("fail", [folder, "10", "65534"]);
    const [failure, sizes, entries] = (await output).trim().split("\n");
    expect(JSON.parse(failure as string)).toEqual({
      message: `Cannot append to the journal in ${JSON.stringify(folder)}: permission denied (EACCES)`,
      code: "EACCES",
    });
    expect([sizes, entries]).toEqual(["[]", "[]"]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each(["new", "old"])("a full disk fails the append alone, in a %s journal", async (age) => {
    const folder = newFolder();
    const before = age === "old" ? [{ n: 1 }] : [];
    for (const entry of before) await fileJournal(folder).append("key", entry);
    const sizesBefore = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    // A limit on the size of files stops a write half way, as a full disk does.
    const limit = ["sh", "-c", 'trap "" XFSZ; ulimit -f 8; exec "$@"', "sh"];
    const { output } = startWorker("fail", [folder, "100000"], limit);
    const [failure, sizes, entries] = (await output).trim().split("\n");
    expect(JSON.parse(failure as string)).toEqual({
      message: `Cannot append to the journal in ${JSON.stringify(folder)}: the file may not grow further (EFBIG)`,
      code: "EFBIG",
    });
    expect(JSON.parse(sizes as string)).toEqual(sizesBefore);
    expect(JSON.parse(entries as string)).toEqual([...before, { small: true }]);
    expect(readdirSync(folder).length).toBe(1);
    expect(await fileJournal(folder).read("key", ({ message }) => expect.unreachable(message))).toEqual([
      ...before,
      { small: true },
    ]);
  });
});
