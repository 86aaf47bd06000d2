import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dateOf, headersOf, isFailed, isResult, resultOf } from "./pipeline-result.ts";

const none = { requestId: undefined, usage: { words: undefined, transcribed: undefined } };

describe("resultOf", () => {
  test("is the same for the documented form, the SDK's, and both at once", () => {
    const output = fc.record({
      step: fc.string(),
      id: fc.nat(9),
      text: fc.string(),
      labels: fc.array(fc.record({ skill: fc.string(), value: fc.string() })),
    });
    fc.assert(
      fc.property(fc.string(), fc.array(output), (text, outputs) => {
        const form = (documented: boolean, sdk: boolean) => ({
          ...(documented && { input_text: text }),
          ...(sdk && { input: [{ utterance: text }] }),
          status: "success",
          error: null,
          output: outputs.map(({ step, id, text: own, labels }) => ({
            text_generated_by_step_name: step,
            text_generated_by_step_id: id,
            ...(documented && { text: own }),
            ...(sdk && { contents: [{ utterance: own }] }),
            labels,
          })),
          stats: { total_running_jobs: 1 },
        });
        const expected = {
          ...none,
          inputText: text,
          input: [{ utterance: text }],
          output: outputs.map(({ step, id: stepId, text: own, labels }) => ({
            step,
            stepId,
            text: own,
            contents: [{ utterance: own }],
            labels,
          })),
          stats: { total_running_jobs: 1 },
        };
        for (const raw of [form(true, false), form(false, true), form(true, true)]) {
          expect(isResult(raw)).toBe(true);
          expect(isFailed(raw)).toBe(false);
          expect(resultOf(raw, none)).toEqual({ ...expected, raw });
        }
      }),
    );
  });

  test("keeps speakers, and makes one text of them", () => {
    const contents = [
      { speaker: "A", utterance: "Open?", timestamp: "00:00:01.000" },
      { speaker: null, utterance: "Open." },
    ];
    const { output } = resultOf({ output: [{ contents, labels: [{ skill: "x", odd: 1 }, null] }] }, none);
    expect(output).toEqual([
      { step: undefined, stepId: undefined, text: "A: Open?\nOpen.", contents, labels: [{ skill: "x", odd: 1 }] },
    ]);
  });

  test("of a table is one for each row", () => {
    const row = { input_text: "a", output: [] };
    const raw = { outputs: [row, row], stats: {} };
    expect(isResult(raw)).toBe(true);
    const { outputs, output } = resultOf(raw, none);
    expect([output, outputs?.map(({ inputText }) => inputText)]).toEqual([[], ["a", "a"]]);
  });

  test("does not fall over anything", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        if (isResult(value)) resultOf(value, none);
        isFailed(value);
        for (const members of [{ output: [value] }, { outputs: [{ output: value }] }, { input: value, output: [] }]) {
          if (isResult(members)) resultOf(members, none);
        }
      }),
    );
  });
});

test("isFailed sees a failure wherever it is told", () => {
  for (const failed of [
    { status: "FAILED" },
    { error: { status_code: 50000 }, output: [] },
    { status: "error" },
    { status_code: 40008, message: "no" },
  ]) {
    expect(isFailed(failed)).toBe(true);
  }
  for (const fine of [null, 7, {}, { status: "success", error: null }, { status: "QUEUED", task_id: "x" }]) {
    expect(isFailed(fine)).toBe(false);
  }
});

test("times are UTC, also without a zone", () => {
  expect(dateOf("2022-08-21T09:15:39.040000")?.toISOString()).toBe("2022-08-21T09:15:39.040Z");
  expect(dateOf("2022-08-21T09:15:39Z")?.toISOString()).toBe("2022-08-21T09:15:39.000Z");
  expect(dateOf("2022-08-21T11:15:39+02:00")?.toISOString()).toBe("2022-08-21T09:15:39.000Z");
  expect([dateOf(null), dateOf(7), dateOf("soon")]).toEqual([undefined, undefined, undefined]);
});

test("headersOf counts what is billed", () => {
  const headers = new Headers({ "x-oneai-request-id": "r", "x-oneai-word-count": "7" });
  expect(headersOf({ headers, requestId: undefined })).toEqual({
    requestId: "r",
    usage: { words: 7, transcribed: undefined },
  });
  headers.set("x-oneai-transcribe-seconds-count", "60");
  expect(headersOf({ headers, requestId: undefined }).usage.transcribed).toBe(60_000);
});
