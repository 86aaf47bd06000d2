import { describe, expect, test } from "vitest";
import { ParsedHeaders, platformHeaders } from "./reply-headers.ts";

describe("ParsedHeaders", () => {
  const headers = new ParsedHeaders({
    "content-type": "text/plain",
    "retry-after": ["1", "2"],
    "set-cookie": ["a=1, 2", "b=3"],
    empty: undefined,
  });

  test("tells what the platform's headers tell", () => {
    const platform = new Headers([
      ["Content-Type", "text/plain"],
      ["Retry-After", "1"],
      ["Retry-After", "2"],
      ["Set-Cookie", "a=1, 2"],
      ["Set-Cookie", "b=3"],
    ]);
    expect([...headers]).toEqual([...platform]);
    expect([...platformHeaders(headers)]).toEqual([...platform]);
    expect(platformHeaders(headers).getSetCookie()).toEqual(["a=1, 2", "b=3"]);
    for (const name of ["content-type", "retry-after", "empty", "constructor"]) {
      expect(headers.get(name)).toBe(platform.get(name));
    }
  });

  test("platformHeaders keeps those of the platform", () => {
    const platform = new Headers();
    expect(platformHeaders(platform)).toBe(platform);
  });
});
