import { describe, expect, test } from "vitest";
import { adler32 } from "./adler32.ts";
import { crc32 } from "./crc32.ts";

const text = (value: string) => new TextEncoder().encode(value);

describe("crc32", () => {
  // The check value of CRC-32/ISO-HDLC in Greg Cook's catalogue of parametrised CRC algorithms.
  test("has the catalogue's check value", () => expect(crc32(text("123456789"))).toBe(0xcbf43926));
  test("is 0 for nothing", () => expect(crc32(new Uint8Array(0))).toBe(0));
});

describe("adler32", () => {
  // The worked example of Wikipedia's article on Adler-32.
  test("has the value worked out by hand", () => expect(adler32(text("Wikipedia"))).toBe(0x11e60398));
  test("is 1 for nothing", () => expect(adler32(new Uint8Array(0))).toBe(1));
  test("does not overflow", () => {
    // By the definition in RFC 1950: a = 1 + 255 n, b = n + 255 n (n + 1) / 2, both modulo 65521.
    const n = 1_000_003n;
    const a = (1n + 255n * n) % 65_521n;
    const b = (n + (255n * n * (n + 1n)) / 2n) % 65_521n;
    expect(adler32(new Uint8Array(Number(n)).fill(255))).toBe(Number((b << 16n) | a));
  });
});

test.each([
  ["crc32", crc32, 0],
  ["adler32", adler32, 1],
] as const)("%s goes on from what came before, wherever the bytes are cut", (_, checksum, empty) => {
  const bytes = Uint8Array.from({ length: 12_000 }, (_, index) => (index * index) >> 3);
  const whole = checksum(bytes);
  for (const cut of [0, 1, 7, 8, 9, 5_551, 5_552, 5_553, 11_999, 12_000]) {
    expect(checksum(bytes.subarray(cut), checksum(bytes.subarray(0, cut), empty))).toBe(whole);
  }
});
