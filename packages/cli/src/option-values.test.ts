import { describe, expect, test } from "vitest";
import { nameOf, parseCount, parseInput, providerValues } from "./option-values.ts";
import { providerNamed } from "./providers/providers.ts";

describe("parseInput", () => {
  test("takes texts as they are, and anything else as JSON", () => {
    const pairs = ["prompt=a=b: c\nd", "n:=2", 'list:=["x"]', "path=/etc/passwd", "empty="];
    expect(parseInput(pairs)).toEqual({ prompt: "a=b: c\nd", n: 2, list: ["x"], path: "/etc/passwd", empty: "" });
  });

  test.each(["prompt", "=x", "n:=", "n:={"])("refuses %j", (pair) => {
    expect(() => parseInput([pair])).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});

describe("providerValues", () => {
  const openai = providerNamed("openai");
  const kie = providerNamed("KIE");

  test("gives those that were given, times in milliseconds", () => {
    const given = { purpose: "batch", expiresAfter: "1h", to: "openai" };
    expect(providerValues(openai, given)).toEqual({ purpose: "batch", expiresAfter: 3_600_000 });
  });

  test("refuses what another provider knows", () => {
    const message = "--purpose is for OpenAI, not for kie.ai.";
    expect(() => providerValues(kie, { purpose: "batch" })).toThrow(message);
  });

  test("refuses a way that only another provider has", () => {
    expect(providerValues(kie, { method: "stream" })).toEqual({ method: "stream" });
    expect(() => providerValues(kie, { method: "data-uri" })).toThrow('"data-uri" is nothing for --method.');
    expect(() => providerValues(openai, { method: "url" })).toThrow("--method is for Replicate, not for OpenAI.");
  });
});

test("parseCount takes whole numbers of at least 1", () => {
  expect(parseCount("8", "--concurrency")).toBe(8);
  for (const text of ["0", "1.5", "-1", "x", "1e1", ""]) {
    expect(() => parseCount(text, "--concurrency")).toThrow(`"${text}" is no number for --concurrency.`);
  }
});

test("nameOf gives the name that commander gives", () => {
  expect([nameOf("--expires-after <time>"), nameOf("--to <provider>")]).toEqual(["expiresAfter", "to"]);
});
