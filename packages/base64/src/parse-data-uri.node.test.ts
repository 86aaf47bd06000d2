import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDataUri } from "./index.ts";

const header = fc
  .string({ unit: fc.constantFrom(...'tT/;="\\ ', "text/plain", "charset", ";base64", "é", "%41"), maxLength: 12 })
  // A value of spaces alone is none by MIME Sniffing, section 4.4; Node 24 keeps one of the spaces.
  .filter((text) => !/= +;/.test(text));
const body = fc.string({ unit: fc.constantFrom(..."AQ=%2cC é\n#?/ ", "%41", "💩"), maxLength: 12 });

test("parseDataUri reads what Node's fetch reads", async () => {
  await fc.assert(
    fc.asyncProperty(header, body, async (before, after) => {
      const uri = `data:${before},${after}`;
      const response = await fetch(uri).catch(() => undefined);
      const expected = response && {
        type: response.headers.get("content-type"),
        bytes: new Uint8Array(await response.arrayBuffer()),
      };
      let received: unknown;
      try {
        received = parseDataUri(uri);
      } catch {}
      expect(received).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
