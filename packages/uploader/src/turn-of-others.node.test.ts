import { streamSource } from "@sluice/source";
import { expect, test } from "vitest";
import { upload } from "./index.ts";
import { MemoryTarget } from "./testing.ts";

const MiB = 2 ** 20;

test("a source that never waits lets timers have their turn", async () => {
  let read = 0;
  let before: number | undefined;
  function* chunks() {
    setTimeout(() => {
      before = read;
    }, 1);
    for (; read < 64 * MiB; read += 1024) yield new Uint8Array(1024);
  }
  await upload(streamSource(chunks()), new MemoryTarget(), { partSize: 32 * MiB, memory: 64 * MiB });
  // A few milliseconds' worth, and not a whole part.
  expect(before).toBeLessThan(24 * MiB);
});
