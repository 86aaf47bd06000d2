import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkFileName, checkUploadPath, extensionOf, uniqueName } from "./file-name.ts";

describe("extensionOf", () => {
  test.each([
    ["talk.mp4", "video/mp4", "mp4"],
    ["talk.MP4", "", "MP4"],
    ["photo", "image/png", "png"],
    ["photo.v2", "image/png", "png"],
    ["photo.v2", "application/octet-stream", "v2"],
    ["photo.jpeg", "image/jpeg", "jpeg"],
    ["archive.tar.gz", "application/gzip", "gz"],
    ["", "audio/mpeg; q=1", "mpga"],
    ["", "", undefined],
    ["x", "no type", undefined],
  ])("of %o and %o is %o", (name, type, extension) => {
    expect(extensionOf(name, type)).toBe(extension);
  });

  test("is .bin where nothing is known, and no two names are alike", () => {
    expect(uniqueName({})).toMatch(/^[0-9a-f-]{36}\.bin$/);
    expect(new Set(Array.from({ length: 100 }, () => uniqueName({ name: "a.png" }))).size).toBe(100);
  });
});

describe("checkUploadPath and checkFileName", () => {
  test("let through what leads nowhere else, and nothing else", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", ".", "/", "\\", " ", "ä", "\n", "-") }), (text) => {
        let path: string | undefined;
        try {
          path = checkUploadPath("test", text);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
        if (path === undefined) return;
        // What a server would make of it: a place below where it puts files.
        const url = new URL(`https://a.example/root/${path.split("/").map(encodeURIComponent).join("/")}/x`);
        expect(url.pathname.startsWith("/root/")).toBe(true);
        expect(path).not.toMatch(/^\/|\/$|\/\/|[\\\n]/);
      }),
    );
    for (const wrong of ["", "..", "a/b", "a\0", "x".repeat(256)]) expect(() => checkFileName("test", wrong)).toThrow();
    checkFileName("test", "ümläut (1).png");
    checkFileName("test", undefined);
  });
});
