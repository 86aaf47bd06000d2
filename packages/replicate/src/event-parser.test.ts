import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventParser, type ServerSentEvent } from "./event-parser.ts";

/** Parses a text that comes in these pieces. */
function parse(pieces: readonly string[]): ServerSentEvent[] {
  const events: ServerSentEvent[] = [];
  const parser = new EventParser((event) => events.push(event));
  for (const piece of pieces) parser.push(piece);
  return events;
}

/** A text, cut at these places. */
function cut(text: string, places: readonly number[]): string[] {
  const sorted = [0, ...places.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length];
  return sorted.slice(1).map((end, index) => text.slice(sorted[index], end));
}

const line = fc.stringMatching(/^[ -~é\u{1f600}]*$/u);

describe("EventParser", () => {
  test("gives back what was written, by any line ends, however it is cut", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ event: fc.stringMatching(/^[a-z]+$/), lines: fc.array(line, { minLength: 1, maxLength: 3 }) }),
        ),
        fc.constantFrom("\n", "\r", "\r\n"),
        fc.array(fc.nat()),
        fc.boolean(),
        (events, end, places, bom) => {
          const text = events
            .flatMap(({ event, lines }) => [
              `event: ${event}`,
              ":comment",
              ...lines.map((each) => `data: ${each}`),
              "id: 1",
              "",
            ])
            .map((each) => each + end)
            .join("");
          const expected = events.map(({ event, lines }) => ({ event, data: lines.join("\n") }));
          expect(parse(cut((bom ? "\u{feff}" : "") + text, places))).toEqual(expected);
        },
      ),
    );
  });

  test("takes one space away, and no more", () => {
    expect(parse(["data:a\n\ndata:  b\n\ndata: \n\n"])).toEqual([
      { event: "message", data: "a" },
      { event: "message", data: " b" },
      { event: "message", data: "" },
    ]);
  });

  test("drops what has no data, and what is cut off by the end", () => {
    expect(parse(["event: output\n\nretry: 5\n\ndata: a"])).toEqual([]);
  });

  test("refuses an event without an end", () => {
    const megabyte = "x".repeat(1 << 20);
    expect(() => parse(["data: ", ...Array<string>(65).fill(megabyte)])).toThrow(RangeError);
    expect(() => parse(Array<string>(65).fill(`data: ${megabyte}\n`))).toThrow(RangeError);
  });
});
