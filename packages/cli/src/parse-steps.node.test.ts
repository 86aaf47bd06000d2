import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseStep, readSteps } from "./parse-steps.ts";

test.each([
  ["summarize", { skill: "summarize", params: {} }],
  [
    "transcribe:speaker_detection=true,engine=whisper,n=2.5,at=10:30",
    { skill: "transcribe", params: { speaker_detection: true, engine: "whisper", n: 2.5, at: "10:30" } },
  ],
])("parseStep reads %s", (text, step) => {
  expect(parseStep(text)).toEqual(step);
});

test.each(["", ":a=1", "a b", "transcribe:a", "transcribe:=1"])("parseStep refuses %j", (text) => {
  expect(() => parseStep(text)).toThrow(expect.objectContaining({ exitCode: 2 }));
});

test("readSteps reads a list of names and steps, and says what is none", () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-steps-"));
  const path = join(folder, "steps.json");
  try {
    writeFileSync(path, '["transcribe", { "skill": "summarize", "params": { "min_length": 5 } }]');
    expect(readSteps(path)).toEqual([
      { skill: "transcribe", params: {} },
      { skill: "summarize", params: { min_length: 5 } },
    ]);
    writeFileSync(path, '["transcribe", 7]');
    expect(() => readSteps(path)).toThrow("Step 2 in");
    writeFileSync(path, "[");
    expect(() => readSteps(path)).toThrow("cannot be read");
    expect(() => readSteps(join(folder, "none.json"))).toThrow("cannot be read");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
