import fc from "fast-check";
import { expect, test } from "vitest";
import { contentName } from "./_content-headers.ts";
import { safeName } from "./_safe-name.ts";

test.each([
  ["talk.mp4", "talk.mp4"],
  ["../../etc/passwd", "passwd"],
  ["C:\\Users\\a\\talk.mp4", "talk.mp4"],
  ["..", undefined],
  ["a/..", undefined],
  ["", undefined],
  ["  ", undefined],
  ["a\u0000b\r\nc.txt", "abc.txt"],
  ["photo\u202egpj.exe", "photogpj.exe"],
  ["日本語.txt", "日本語.txt"],
])("safeName makes of %j %j", (given, expected) => {
  expect(safeName(given)).toBe(expected);
});

test("safeName never leaves a folder or a control character", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("/", "\\", ".", " ", "a", "é", "\0", "\n", "\u0085", "\u202e") }),
      (given) => {
        const name = safeName(given);
        if (name !== undefined) expect(name).not.toMatch(/[/\\\p{Cc}]|^\.{1,2}$|^$/u);
      },
    ),
    { numRuns: 1000 },
  );
});

test.each([
  ['attachment; filename="a b.txt"', "a b.txt"],
  ["attachment; filename=a.txt", "a.txt"],
  ['attachment; filename="a\\"b.txt"', 'a"b.txt'],
  ["attachment; filename*=UTF-8''na%C3%AFve.txt; filename=plain.txt", "naïve.txt"],
  ["attachment; filename*=ISO-8859-1'en'na%EFve.txt", "naïve.txt"],
  ["attachment; filename*=UTF-8''%FF.txt; filename=plain.txt", "plain.txt"],
  ["attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd", "passwd"],
  ['attachment; filename="na\u00c3\u00afve.txt"', "naïve.txt"],
  ['attachment; filename="na\u00efve.txt"', "naïve.txt"],
  ["inline", undefined],
  ["", undefined],
])("the name in Content-Disposition: %s is %j", (header, expected) => {
  const headers = new Headers();
  if (header) headers.set("content-disposition", header);
  expect(contentName(headers)).toBe(expected);
});
