import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RequestParser } from "./request-parser.ts";

interface Seen {
  start: string;
  body: string;
  ended: boolean;
}

function parse(wire: string, cuts: readonly number[]): Seen[] {
  const seen: Seen[] = [];
  const parser = new RequestParser({
    head: ({ method, path, headers }) =>
      seen.push({ start: `${method} ${path} ${headers.get("x")}`, body: "", ended: false }),
    body: (chunk) => {
      const last = seen.at(-1);
      if (last) last.body += Buffer.from(chunk).toString("latin1");
    },
    end: () => {
      const last = seen.at(-1);
      if (last) last.ended = true;
    },
  });
  const bytes = Buffer.from(wire, "latin1");
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let index = 1; index < edges.length; index++) parser.push(bytes.subarray(edges[index - 1], edges[index]));
  return seen;
}

const body = fc.string({ unit: fc.constantFrom("a", "\r", "\n", "0", " ", ":"), maxLength: 40 });
const sized = body.map((text) => ({ wire: `Content-Length: ${text.length}\r\n\r\n${text}`, text }));
const chunked = fc
  .tuple(fc.array(body.filter((text) => text !== "")), fc.constantFrom("", "Trailer: x\r\n"))
  .map(([parts, trailer]) => ({
    wire: `Transfer-Encoding: chunked\r\n\r\n${parts.map((text) => `${text.length.toString(16)};e=1\r\n${text}\r\n`).join("")}0\r\n${trailer}\r\n`,
    text: parts.join(""),
  }));
const bare = fc.constant({ wire: "\r\n", text: "" });
const requests = fc.array(fc.oneof(sized, chunked, bare), { minLength: 1, maxLength: 4 });

describe("RequestParser", () => {
  test("finds the same pipelined requests however the bytes are cut", () => {
    fc.assert(
      fc.property(requests, fc.array(fc.nat()), (sent, cuts) => {
        const wire = sent.map(({ wire }, index) => `PUT /${index} HTTP/1.1\r\nX:  y \r\n${wire}`).join("");
        const expected = sent.map(({ text }, index) => ({ start: `PUT /${index} y`, body: text, ended: true }));
        expect(parse(wire, cuts)).toEqual(expected);
        expect(parse(wire, [...wire].keys().toArray())).toEqual(expected);
      }),
    );
  });

  test.for([
    "nonsense\r\n",
    "PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "PUT / HTTP/1.1\r\nContent-Length: 0x10\r\n\r\n",
    "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
    `PUT /${"x".repeat(20_000)}`,
  ])("refuses %j", (wire) => {
    expect(() => parse(wire, [])).toThrow(SyntaxError);
  });
});
