import { expect, test } from "vitest";
import { closest } from "./closest.ts";

const names = ["openai", "replicate", "oneai", "kie"];

test.each([
  ["opnai", "openai"],
  ["OpenAI", "openai"],
  ["one-ai", "oneai"],
  ["repilcate", "replicate"],
  ["kei", "kie"],
  ["anthropic", undefined],
  ["", undefined],
])("closest to %j is %s", (given, name) => {
  expect(closest(given, names)).toBe(name);
});
