import { describe, expect, test } from "vitest";
import { resultOf } from "./job-result.ts";

const a = "https://a.example/1.png";
const b = "https://a.example/2.png";
const of = (value: unknown) => resultOf({ state: "success", resultJson: JSON.stringify(value) });

describe("resultOf finds the addresses", () => {
  test.each([
    [{ resultUrls: [a, b] }, [a, b]],
    [{ result_urls: [a], origin_urls: [b] }, [a]],
    [{ origin_urls: [b] }, [b]],
    [{ origin_urls: [b], images: [a] }, [a]],
    [{ resultUrl: a }, [a]],
    [{ videos: [a, b], width: 7 }, [a, b]],
    [{ list: ["no address", a] }, []],
    [
      [a, b],
      [a, b],
    ],
    [{ resultObject: { text: "hi" } }, []],
    [{ resultUrls: [] }, []],
    [{ resultUrls: [7, a] }, [a]],
    ["text", []],
    [null, []],
  ])("in %o", (value, urls) => {
    expect(of(value).urls).toEqual(urls);
  });

  test("and keeps all that was said", () => {
    expect(of({ resultObject: { text: "hi" }, more: 1 })).toEqual({ resultObject: { text: "hi" }, more: 1, urls: [] });
    expect(of([a])).toEqual({ value: [a], urls: [a] });
  });

  test("where it was no text, or nothing", () => {
    for (const resultJson of ["", null, undefined]) {
      expect(resultOf({ state: "success", ...(resultJson === undefined ? {} : { resultJson }) }).urls).toEqual([]);
    }
    expect(resultOf({ state: "success", resultJson: { resultUrls: [a] } as never }).urls).toEqual([a]);
  });
});
