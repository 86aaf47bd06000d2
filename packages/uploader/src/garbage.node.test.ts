import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { streamSource } from "@sluice/source";
import { expect, test } from "vitest";
import type { PartTarget } from "./part-target.ts";
import { upload } from "./upload.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as (options?: { type: "minor" }) => void;

const PART = 4096;

/** A target that reads what it is given, and keeps none of it. */
function readingTarget(): PartTarget<string, number, number> {
  let parts = 0;
  return {
    name: "reading",
    limits: { preferredPartSize: PART },
    repeat: "harmless",
    create: async () => "session",
    async put(_session, { body }) {
      const chunks = body.views?.(0, PART) ?? [];
      for (const _ of chunks) await new Promise((resolve) => setImmediate(resolve));
      parts += 1;
      if (parts % 8 === 0) gc({ type: "minor" });
      return parts;
    },
    complete: async () => parts,
    cancel: async () => {},
  };
}

// See http's test of the same name.
test("a part that has arrived leaves next to nothing to the old generation", async () => {
  function* chunks(count: number) {
    for (let each = 0; each < count; each += 1) yield new Uint8Array(PART);
  }
  const run = (count: number) =>
    upload(streamSource(chunks(count), { size: count * PART }), readingTarget(), { concurrency: 3, partSize: PART });

  await run(100);
  gc();
  const before = process.memoryUsage().heapUsed;
  await run(400);
  gc({ type: "minor" });
  gc({ type: "minor" });
  // 640 bytes for each; 5,800 where its views are a generator function of the part's own.
  expect((process.memoryUsage().heapUsed - before) / 400).toBeLessThan(1_500);
});
