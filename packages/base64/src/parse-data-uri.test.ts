import { describe, expect, test } from "vitest";
import vectors from "../testdata/data-urls.json" with { type: "json" };
import { parseDataUri } from "./index.ts";

const textOf = (uri: string) => new TextDecoder().decode(parseDataUri(uri).bytes);

describe("parseDataUri", () => {
  test.each(vectors.cases as [string, string | null, number[]?][])("%j is %j", (uri, type, body) => {
    if (type === null) expect(() => parseDataUri(uri)).toThrow(expect.objectContaining({ code: "malformed-data-uri" }));
    else expect(parseDataUri(uri)).toEqual({ type, bytes: Uint8Array.from(body ?? []) });
  });

  test.each([
    ['data:text/plain;a="b\\"c",x', 'text/plain;a="b\\"c"'],
    ['data:text/plain;a="";b=,x', 'text/plain;a=""'],
    ['data:text/plain;a="b;c";d=e,x', 'text/plain;a="b;c";d=e'],
    ['data:text/plain;a="b\\,x', 'text/plain;a="b\\\\"'],
    ["data:text/plain; A = b ;a=c,x", "text/plain;a=c"],
    ["data:text/plain;A=b ;a=c,x", "text/plain;a=b"],
    ["DATA:Text/HTML;BASE64,eA==", "text/html"],
  ])("normalizes the media type of %j to %j", (uri, type) => {
    expect(parseDataUri(uri).type).toBe(type);
    expect(textOf(uri)).toBe("x");
  });

  test("takes a URL", () => {
    expect(parseDataUri(new URL("data:,a b%20c#d")).bytes).toEqual(new TextEncoder().encode("a b c"));
  });

  test("takes a URI of 8 MiB", () => {
    expect(parseDataUri(`data:image/png;base64,${"AAAA".repeat(1 << 21)}`).bytes.length).toBe(3 << 21);
  });

  test("is not slow on what looks endless", () => {
    const many = 200_000;
    expect(textOf(`data:${" ".repeat(many)}x,y`)).toBe("y");
    expect(
      textOf(`${" ".repeat(many)}data:text/plain;${"a=;".repeat(many)}${" ".repeat(many)}b,y${" ".repeat(many)}`),
    ).toBe("y");
    expect(textOf(`data:text/plain;a="${"\\".repeat(many)},y`)).toBe("y");
    expect(textOf(`data:text/plain;${"; base64".repeat(many)} ,eQ==`)).toBe("y");
  });

  test.each([
    ["https://example.com/", 'expected it to start with "data:"'],
    ["", 'expected it to start with "data:"'],
    ["data:text/plain", 'expected a "," before the data'],
    ["data:;base64,A", "its base64 is malformed"],
  ])("refuses %j", (uri, problem) => {
    expect(() => parseDataUri(uri)).toThrow(
      expect.objectContaining({
        name: "MalformedDataUriError",
        retryable: false,
        message: `Cannot parse the data URI: ${problem}`,
      }),
    );
  });

  test("says in the cause where the base64 is malformed", () => {
    expect(() => parseDataUri("data:;base64,AA!A")).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ code: "malformed-base64", offset: 2 }) }),
    );
  });
});
