import { afterEach, describe, expect, test } from "vitest";
import { CompressorStream, DecompressorStream } from "./index.ts";

const { getBuiltinModule } = process;
const navigator = Object.getOwnPropertyDescriptor(globalThis, "navigator") as PropertyDescriptor;
const dictionary = new Uint8Array(8);

afterEach(() => {
  process.getBuiltinModule = getBuiltinModule;
  Object.defineProperty(globalThis, "navigator", navigator);
});

test("node:zlib is taken where it is, whatever is asked for", () => {
  expect(new CompressorStream("gzip").engine).toBe("zlib");
  expect(new CompressorStream("deflate", { level: 9, dictionary }).engine).toBe("zlib");
  expect(new DecompressorStream("gzip", { members: "multi" }).engine).toBe("zlib");
});

describe.each([
  ["without node:zlib", () => Object.assign(process, { getBuiltinModule: undefined })],
  [
    "on workerd, which can have it",
    () =>
      Object.defineProperty(globalThis, "navigator", {
        value: { userAgent: "Cloudflare-Workers" },
        configurable: true,
      }),
  ],
])("%s", (_, arrange) => {
  test("the platform's classes are taken where they can do it, else fflate", () => {
    arrange();
    expect(new CompressorStream("gzip").engine).toBe("native");
    expect(new DecompressorStream("gzip", { maxOutput: 5 }).engine).toBe("native");
    expect(new CompressorStream("gzip", { level: 6 }).engine).toBe("fflate");
    expect(new CompressorStream("deflate", { dictionary }).engine).toBe("fflate");
    expect(new DecompressorStream("gzip", { members: "multi" }).engine).toBe("fflate");
    expect(new DecompressorStream("deflate-raw", { dictionary }).engine).toBe("fflate");
  });
});

test('engine "zlib" is refused where there is none', () => {
  Object.assign(process, { getBuiltinModule: undefined });
  const message = '"engine" must be "native" or "fflate" where there is no node:zlib, received "zlib"';
  expect(() => new CompressorStream("gzip", { engine: "zlib" })).toThrow(message);
  expect(() => new DecompressorStream("gzip", { engine: "zlib" })).toThrow(RangeError);
});
