import { expect, test } from "vitest";
import type { Message } from "./harness/report.ts";
import { judge } from "./judge.ts";
import type { Gap } from "./known-gaps.ts";

const gap = (more: Partial<Gap>): Gap => ({ runtimes: ["bun"], package: "http", reason: "", link: "", ...more });
const passes = (name: string): Message => ({ type: "test", suite: "client", name });
const fails = (name: string, failure = "no"): Message => ({ type: "test", suite: "client", name, failure });
const end: Message = { type: "end" };

test("judge counts what passes, what fails as known, and what fails", () => {
  const known = [gap({ tests: ["client: b"] }), gap({ failure: "no WebAssembly" })];
  const messages = [passes("a"), fails("b"), fails("c", "Error: no WebAssembly here"), fails("d"), end];
  const verdict = judge("bun", "http", messages, known);
  expect(verdict).toMatchObject({ passed: 1, gaps: 2, failures: ["client: d\nno"] });
});

test("judge fails when a known gap does not fail any more", () => {
  const known = [gap({ tests: ["client: a"] }), gap({ failure: "no WebAssembly" })];
  const { failures } = judge("bun", "http", [passes("a"), end], known);
  expect(failures).toEqual([expect.stringContaining("client: a"), expect.stringContaining("no WebAssembly")]);
});

test("judge takes gaps of other runtimes and packages for none", () => {
  const known = [gap({ runtimes: ["deno"], tests: ["client: a"] }), gap({ package: "hash", tests: ["client: a"] })];
  expect(judge("bun", "http", [fails("a"), end], known).failures).toHaveLength(1);
});

test("judge fails for what no test caught, but not for what a known failure leaves behind", () => {
  const messages: Message[] = [
    fails("a", "gone"),
    { type: "stray", failure: "gone" },
    { type: "stray", failure: "odd" },
  ];
  const { failures, gaps } = judge("bun", "http", [...messages, end], [gap({ failure: "gone" })]);
  expect([failures, gaps]).toEqual([["outside of the tests\nodd"], 1]);
});

test("judge fails when the suites did not come to their end, and says how far they came", () => {
  expect(judge("bun", "http", [passes("a")], []).failures).toEqual([expect.stringContaining("client: a")]);
  expect(judge("bun", "http", [], []).failures).toHaveLength(1);
});
