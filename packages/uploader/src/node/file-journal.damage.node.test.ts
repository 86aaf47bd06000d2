import { execFileSync } from "node:child_process";
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test-support/journal-process.ts";
import type { JournalWarning } from "../journal.ts";
import { header, readJournal, sealedLine } from "./_journal-text.ts";
import { fileJournal } from "./file-journal.ts";

const ENTRIES = [{ n: 1, text: "wörd" }, { n: 2 }, { n: 3, list: ["\ufffd", null] }];

/** A folder with the journal of "key" in it. */
async function kept(): Promise<Disposable & { path: string; file: string }> {
  const folder = temporaryFolder();
  const journal = fileJournal(folder.path);
  for (const entry of ENTRIES) await journal.append("key", entry);
  return { ...folder, file: join(folder.path, readdirSync(folder.path)[0] as string) };
}

async function readWith(folder: string): Promise<{ entries: unknown[]; warnings: JournalWarning[] }> {
  const warnings: JournalWarning[] = [];
  const entries = await fileJournal(folder).read("key", (warning) => void warnings.push(warning));
  return { entries, warnings };
}

describe("fileJournal", () => {
  test("drops a last line that was cut off at any byte, and goes on after the one before", async () => {
    using folder = await kept();
    const whole = readFileSync(folder.file);
    const last = whole.subarray(0, -1).lastIndexOf("\n") + 1;
    for (let size = last; size < whole.byteLength; size += 1) {
      writeFileSync(folder.file, whole);
      truncateSync(folder.file, size);
      const { entries, warnings } = await readWith(folder.path);
      expect(entries).toEqual(ENTRIES.slice(0, 2));
      expect(warnings.map(({ reason }) => reason)).toEqual(size === last ? [] : ["torn"]);
      // Every other time without having read it.
      const journal = fileJournal(folder.path);
      if (size % 2) await journal.read("key");
      await journal.append("key", { after: size });
      await journal.append("key", { after: true });
      expect(await readWith(folder.path)).toEqual({
        entries: [...ENTRIES.slice(0, 2), { after: size }, { after: true }],
        warnings: [],
      });
    }
    expect(readdirSync(folder.path).length).toBe(1);
  });

  test("leaves nothing of a line that was cut off when the next one is shorter", async () => {
    using folder = await kept();
    await fileJournal(folder.path).append("key", { long: "x".repeat(1_000) });
    truncateSync(folder.file, lstatSync(folder.file).size - 10);
    await fileJournal(folder.path).append("key", { n: 4 });
    expect(await readWith(folder.path)).toEqual({ entries: [...ENTRIES, { n: 4 }], warnings: [] });
  });

  test("trusts no journal in which any one bit is another", async () => {
    using folder = await kept();
    const whole = readFileSync(folder.file);
    for (let bit = 0; bit < whole.byteLength * 8; bit += 1) {
      const bytes = Buffer.from(whole);
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(readJournal(bytes, "key"), `bit ${bit}`).toHaveProperty("reason");
    }
  });

  test("gives back a beginning of what was appended, or nothing, whatever happens to the bytes", async () => {
    using folder = await kept();
    const whole = readFileSync(folder.file);
    const place = fc.nat(whole.byteLength);
    fc.assert(
      fc.property(place, place, fc.uint8Array({ maxLength: 40 }), (from, length, middle) => {
        const bytes = Buffer.concat([whole.subarray(0, from), middle, whole.subarray(from + length)]);
        const found = readJournal(bytes, "key");
        if (!("reason" in found)) expect(found.entries).toEqual(ENTRIES.slice(0, found.entries.length));
      }),
      { numRuns: 2_000 },
    );
  });

  const lines = (text: string): string[] => text.split("\n").slice(0, -1);
  const edit = (change: (lines: string[]) => string[]) => (file: string) => {
    writeFileSync(file, `${change(lines(readFileSync(file, "utf8"))).join("\n")}\n`);
  };
  const instead = (make: (file: string) => void) => (file: string) => {
    rmSync(file);
    make(file);
  };
  const version = (version: number) => (file: string) => {
    const { line } = sealedLine("", JSON.stringify({ format: "sluice-journal", version, key: "key" }));
    writeFileSync(file, line);
  };
  const cases: [string, JournalWarning["reason"], (file: string) => void][] = [
    [
      "a line that was edited",
      "damaged",
      edit(([h = "", a = "", ...rest]) => [h, a.replace('"n":1', '"n":7'), ...rest]),
    ],
    ["lines in another order", "damaged", edit(([h = "", a = "", b = "", ...rest]) => [h, b, a, ...rest])],
    ["a line lost in the middle", "damaged", edit(([h = "", , ...rest]) => [h, ...rest])],
    ["a line that is there twice", "damaged", edit(([h = "", a = "", ...rest]) => [h, a, a, ...rest])],
    ["a line of someone's own", "damaged", edit((all) => [...all, '{"n":4}'])],
    ["a last line that was edited", "damaged", edit((all) => [...all.slice(0, -1), `${all.at(-1)} `])],
    ["no first line", "foreign", edit(([, ...rest]) => rest)],
    ["a first line that was edited", "damaged", edit(([h = "", ...rest]) => [h.replace('"key"}', '"kex"}'), ...rest])],
    ["the first line cut off", "damaged", (file) => truncateSync(file, 80)],
    ["nothing in it", "damaged", (file) => truncateSync(file, 0)],
    ["a newer version", "newer", version(2)],
    ["an older version", "older", version(0)],
    ["the journal of another key", "foreign", (file) => writeFileSync(file, header("kez").line)],
    ["someone's text", "foreign", (file) => writeFileSync(file, "Dear diary,\n")],
    ["zeros", "foreign", (file) => writeFileSync(file, new Uint8Array(5_000))],
    [
      "a folder",
      "foreign",
      instead((file) => writeFileSync(join(mkdirSync(file, { recursive: true }) as string, "x"), "")),
    ],
    ["a link to nowhere", "foreign", instead((file) => symlinkSync("/nowhere/at/all", file))],
    ["a pipe", "foreign", instead((file) => execFileSync("sh", ["-c", `mkfifo "$0"`, file]))],
    [
      "a link to a good journal",
      "foreign",
      (file) => {
        renameSync(file, `${file}.moved`);
        symlinkSync(`${file}.moved`, file);
      },
    ],
  ];
  if (process.getuid?.() === 0) {
    cases.push(["another user's file", "foreign", (file) => chownSync(file, 65_534, 65_534)]);
  }

  test.each(cases)("sets aside, with a warning: %s", async (_, reason, damage) => {
    using folder = await kept();
    for (const round of [1, 2]) {
      damage(folder.file);
      const evidence = lstatSync(folder.file);
      await expect(fileJournal(folder.path).append("key", {})).rejects.toThrow(/cannot be trusted: .*Read it first/);
      const { entries, warnings } = await readWith(folder.path);
      expect(entries).toEqual([]);
      expect(warnings).toMatchObject([{ reason, key: "key", at: expect.stringContaining(folder.file) }]);
      const { at = "", message = "" } = warnings[0] ?? {};
      expect(message).toMatch(/^The journal .* cannot be trusted: .* It was set aside as /);
      expect(lstatSync(at)).toMatchObject({ ino: evidence.ino, mode: evidence.mode, size: evidence.size });
      expect(existsSync(folder.file)).toBe(false);
      expect(await Array.fromAsync(fileJournal(folder.path).list())).toEqual([]);
      // The journal begins anew, and the evidence of each time is kept.
      for (const entry of ENTRIES) await fileJournal(folder.path).append("key", entry);
      expect(await readWith(folder.path)).toEqual({ entries: ENTRIES, warnings: [] });
      expect(readdirSync(folder.path).filter((name) => name.includes(`.journal.${reason}-`)).length).toBe(round);
      rmSync(`${folder.file}.moved`, { force: true });
    }
  });

  test("warns of what someone else has locked, and leaves it where it is", async () => {
    using folder = await kept();
    await using _lock = await fileJournal(folder.path).lock("key");
    writeFileSync(folder.file, "Dear diary,\n");
    const { entries, warnings } = await readWith(folder.path);
    expect(entries).toEqual([]);
    expect(warnings).toMatchObject([{ reason: "foreign", message: expect.stringContaining("could not be set aside") }]);
    expect(warnings[0]).not.toHaveProperty("at");
    expect(readFileSync(folder.file, "utf8")).toBe("Dear diary,\n");
  });

  test("setAside keeps what the caller could not make sense of", async () => {
    using folder = await kept();
    const whole = readFileSync(folder.file);
    const at = (await fileJournal(folder.path).setAside?.("key")) as string;
    expect(readFileSync(at)).toEqual(whole);
    expect(await readWith(folder.path)).toEqual({ entries: [], warnings: [] });
  });
});
