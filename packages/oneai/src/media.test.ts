import { describe, expect, test } from "vitest";
import { inputTypeOf, isSlow, mediaOf } from "./media.ts";

describe("mediaOf", () => {
  test.each([
    ["talk.MP3", undefined, "audio/mp3", "conversation"],
    ["talk.mp4", "video/mp4", "audio/mpeg", "conversation"],
    ["a.b.wav", undefined, "audio/wav", "conversation"],
    ["paper.pdf", "application/pdf", "text/pdf", "article"],
    ["a.srt", undefined, "text/plain", "conversation"],
    ["a.html", undefined, "text/plain", "article"],
    ["a.csv", undefined, "text/csv", "article"],
    ["chat.json", undefined, "application/json", "conversation"],
    [undefined, "text/plain; charset=utf-8", "text/plain", "article"],
    [undefined, "Audio/X-WAV", "audio/wav", "conversation"],
    ["blob", "application/pdf", "text/pdf", "article"],
  ] as const)("%s of %s", (name, type, contentType, inputType) => {
    expect(mediaOf({ name, type })).toEqual({ contentType, inputType });
  });

  test.each([
    ["photo.jpg", "image/jpeg"],
    ["mp3", undefined],
    [undefined, "application/octet-stream"],
    ["constructor.constructor", "__proto__"],
    [undefined, undefined],
  ])("says nothing of %s, %s", (name, type) => {
    expect(mediaOf({ name, type })).toBeUndefined();
  });
});

test("what a content type makes of an input", () => {
  expect(["audio/flac", "video/webm", "application/json", "image/png", "text/markdown"].map(inputTypeOf)).toEqual([
    "conversation",
    "conversation",
    "conversation",
    "article",
    "article",
  ]);
  expect(["audio/mp3", "text/pdf", "application/pdf", "text/csv", "text/plain", "image/png"].map(isSlow)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
});
